import Foundation
import Testing

@testable import MintmarkLoad

@Suite("Pages")
struct PageTests {
    private static func document(seed: UInt64 = 7, isOpenLoop: Bool = true) throws -> RunDocument {
        var plan = try VirtualRun.plan(ratePerSecond: isOpenLoop ? 2_000 : nil, seconds: 8)
        plan.seed = seed
        if !isOpenLoop { (plan.connections, plan.depth) = (1, 1) }
        let server = VirtualServer(threads: .max) { 100_000 + Int64($0 % 50) * 7_000 }
        return try RunDocument(VirtualRun.report(plan, server).json)
    }

    @Test("a page needs nothing from elsewhere, and shows every plot")
    func needsNothingFromElsewhere() throws {
        let (first, second) = (try Self.document(), try Self.document(seed: 9))
        for (documents, names) in [([first], ["a.json"]), ([first, second], ["x/<b>.json", "c.json"])] {
            let page = try HTMLReport(documents, names: names).text
            for reference in ["http", "<script", "url(", "@import", "src=", "href=", "<link", "<iframe", "<object"] {
                #expect(!page.contains(reference), "\(reference)")
            }
            for title in ["Latency by percentile", "Requests over time", "Latency over time"] {
                #expect(page.contains(title))
            }
            #expect(page.contains("<polyline") && !page.contains("nan,") && !page.contains("inf,"))
            #expect(!page.contains("<b>.json"))
        }
    }

    /// The points of every line in a figure.
    private static func lines(of title: String, in page: String) -> [[(x: Double, y: Double)]] {
        guard let start = page.range(of: "<figcaption>\(title)"),
            let end = page[start.upperBound...].range(of: "</figure>")
        else { return [] }
        return page[start.upperBound..<end.lowerBound].matches(of: /<polyline[^>]* points="([^"]*)"/).map { match in
            match.1.split(separator: " ").compactMap { point in
                let numbers = point.split(separator: ",").compactMap { Double($0) }
                return numbers.count == 2 ? (numbers[0], numbers[1]) : nil
            }
        }
    }

    @Test("every second is a point of its line, in order, inside the figure", arguments: [true, false])
    func showsEverySecond(isOpenLoop: Bool) throws {
        let document = try Self.document(isOpenLoop: isOpenLoop)
        let page = try HTMLReport([document], names: ["a"]).text
        // The last second is not whole.
        let seconds = document.json["intervals"].values.count - 1
        #expect(seconds >= 5)
        for (title, count) in [("Requests over time", isOpenLoop ? 2 : 1), ("Latency over time", 3)] {
            let lines = Self.lines(of: title, in: page)
            #expect(lines.count == count, "\(title)")
            for line in lines {
                #expect(line.count == seconds, "\(title)")
                #expect(zip(line, line.dropFirst()).allSatisfy { $0.x < $1.x })
                #expect(line.allSatisfy { (0...720).contains($0.x) && (0...320).contains($0.y) })
            }
        }
    }
}
