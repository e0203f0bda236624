import Foundation
import Testing

/// The Dockerfile and the Kubernetes manifest, as far as they can be judged without an engine and a cluster.
@Suite("Containers") struct ContainerTests {
    private static let folder = BuiltProducts.repository.appendingPathComponent("Tools/deploy")
    private static let hasYAML =
        (try? run(URL(fileURLWithPath: "/usr/bin/python3"), ["-c", "import yaml"]).exitCode) == 0
    private static let knowsAdmin =
        (try? String(
            contentsOf: BuiltProducts.repository.appendingPathComponent("Sources/SETTINGS.md"),
            encoding: .utf8
        ))?
        .contains("`admin.listen`") == true

    /// A part of a document of YAML or JSON.
    private struct Node {
        let value: Any?

        subscript(_ name: String) -> Node { Node(value: (value as? [String: Any])?[name]) }
        subscript(_ index: Int) -> Node {
            let list = list
            return index < list.count ? list[index] : Node(value: nil)
        }

        var list: [Node] { (value as? [Any] ?? []).map { Node(value: $0) } }
        var text: String? { value as? String }
        var number: Int? { value as? Int }
        var flag: Bool? { value as? Bool }
        var isThere: Bool { value != nil }
        var texts: [String] { list.compactMap(\.text) }

        /// The item of a list with this name.
        func named(_ name: String) -> Node { list.first { $0["name"].text == name } ?? Node(value: nil) }
    }

    private static func manifest() throws -> [Node] {
        let script = "import json, sys, yaml; print(json.dumps(list(yaml.safe_load_all(open(sys.argv[1])))))"
        let path = folder.appendingPathComponent("kubernetes.yaml").path
        let result = try run(URL(fileURLWithPath: "/usr/bin/python3"), ["-c", script, path])
        try #require(result.exitCode == 0, "\(result)")
        let documents = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [Any] ?? []
        return documents.map { Node(value: $0) }
    }

    private static func document(_ kind: String) throws -> Node {
        try #require(try manifest().first { $0["kind"].text == kind })
    }

    private static func dockerfile() throws -> [String] {
        // A line that ends with a backslash goes on.
        try String(contentsOf: folder.appendingPathComponent("Dockerfile"), encoding: .utf8)
            .replacingOccurrences(of: "\\\n", with: " ").split(separator: "\n").map(String.init)
            .filter { !$0.hasPrefix("#") }
    }

    @Test func bothSayThatTheyWereNotRun() throws {
        for file in ["Dockerfile", "kubernetes.yaml"] {
            let text = try String(contentsOf: Self.folder.appendingPathComponent(file), encoding: .utf8)
            #expect(text.prefix(500).contains("Not run where this is tested"), "\(file)")
        }
    }

    @Test(.enabled(if: hasYAML, "there is no python3-yaml on this machine"))
    func theSidecarIsANativeOne() throws {
        let pod = try Self.document("StatefulSet")["spec"]["template"]["spec"]
        let sidecar = pod["initContainers"].named("mintmark")
        #expect(sidecar["restartPolicy"].text == "Always")
        #expect(!sidecar["lifecycle"].isThere)
        #expect(pod["terminationGracePeriodSeconds"].number == 90)
        let ports = sidecar["ports"].named("admin")
        #expect(ports["containerPort"].number == 7421)
        for (probe, path) in [("startupProbe", "/readyz"), ("livenessProbe", "/livez"), ("readinessProbe", "/readyz")] {
            let request = sidecar[probe]["httpGet"]
            #expect(request["path"].text == path && request["port"].text == "admin", "\(probe)")
            #expect(request["httpHeaders"].named("Host")["value"].text == "localhost", "\(probe)")
        }
    }

    /// The Pod Security Standard `restricted`, and a file system that nobody writes.
    @Test(.enabled(if: hasYAML, "there is no python3-yaml on this machine"))
    func theSecurityContextIsRestricted() throws {
        let pod = try Self.document("StatefulSet")["spec"]["template"]["spec"]
        #expect(pod["securityContext"]["runAsNonRoot"].flag == true)
        #expect(pod["securityContext"]["seccompProfile"]["type"].text == "RuntimeDefault")
        let containers = pod["initContainers"].list + pod["containers"].list
        #expect(containers.count == 2)
        for container in containers {
            let context = container["securityContext"]
            #expect(context["allowPrivilegeEscalation"].flag == false)
            #expect(context["readOnlyRootFilesystem"].flag == true)
            #expect(context["capabilities"]["drop"].texts == ["ALL"])
            #expect(context["runAsUser"].number.map { $0 > 0 } == true)
        }
        for kind in ["hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace"] {
            #expect(!pod[kind].isThere)
        }
    }

    @Test(.enabled(if: hasYAML, "there is no python3-yaml on this machine"))
    func everyMountHasItsVolume() throws {
        let set = try Self.document("StatefulSet")["spec"]
        let pod = set["template"]["spec"]
        let volumes = pod["volumes"]
        let claims = set["volumeClaimTemplates"].list.compactMap { $0["metadata"]["name"].text }
        let names = Set(volumes.list.compactMap { $0["name"].text } + claims)
        for container in pod["initContainers"].list + pod["containers"].list {
            for mount in container["volumeMounts"].list {
                #expect(names.contains(mount["name"].text ?? ""), "\(mount)")
            }
        }
        #expect(volumes.named("socket")["emptyDir"]["medium"].text == "Memory")
        // YAML's 0440 is this.
        #expect(volumes.named("master-key")["secret"]["defaultMode"].number == 0o440)
        #expect(claims == ["data"])
        // What can write the socket's volume could put another socket there.
        let application = pod["containers"][0]["volumeMounts"].named("socket")
        #expect(application["readOnly"].flag == true)
        #expect(try Self.document("Service")["metadata"]["name"].text == set["serviceName"].text)
        #expect(
            pod["initContainers"][0]["securityContext"]["runAsGroup"].number == pod["securityContext"]["fsGroup"].number
        )
    }

    /// A daemon starts from the manifest's configuration, with the volumes as a kubelet makes them.
    @Test(
        .enabled(if: hasYAML, "there is no python3-yaml on this machine"),
        .enabled(if: knowsAdmin, "this tree has no admin listener yet")
    )
    func theDaemonStartsFromItsConfiguration() throws {
        var text = try #require(try Self.document("ConfigMap")["data"]["mintmark.yaml"].text)
        let place = try DaemonProcess.makeDirectory()
        defer { try? FileManager.default.removeItem(atPath: place) }
        for volume in ["run", "data"] {
            let path = "\(place)/\(volume)"
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
            try FileManager.default.setAttributes([.posixPermissions: 0o2777], ofItemAtPath: path)
        }
        try Data(0..<32).write(to: URL(fileURLWithPath: "\(place)/master.key"))
        try FileManager.default.setAttributes([.posixPermissions: 0o400], ofItemAtPath: "\(place)/master.key")
        let replacements = [
            ("/run/mintmark", "\(place)/run"), ("/var/lib/mintmark", "\(place)/data"),
            ("/etc/mintmark/secret", place), ("0.0.0.0:7421", "127.0.0.1:0"), ("[1001]", "[\(getuid())]"),
        ]
        for (old, new) in replacements {
            text = text.replacingOccurrences(of: old, with: new)
        }
        let daemon = try DaemonProcess(
            arguments: ["--data-dir", "\(place)/data/store"],
            configuration: text,
            directory: place,
            addsListeners: false
        )
        let socket = "\(place)/run/socket/mintmark.sock"
        let words = ["open", "--subject", "alice", "--audience", "orders", "--unix", socket]
        let opened = try run(BuiltProducts.mintmark, words)
        #expect(opened.exitCode == 0, "\(opened)")
        #expect(daemon.stop() == 0)
    }

    @Test func theImageRunsAsNobodySpecial() throws {
        let lines = try Self.dockerfile()
        #expect(lines.count { $0.hasPrefix("FROM ") } == 2)
        let final = try #require(lines.lastIndex { $0.hasPrefix("FROM ") })
        #expect(lines[final].hasPrefix("FROM debian:bookworm-slim"))
        let stage = lines[final...]
        #expect(stage.contains("USER 10001:10001"))
        #expect(stage.contains("ENTRYPOINT [\"/usr/bin/mintmarkd\"]"))
        #expect(!stage.contains { $0.contains("curl") || $0.contains("ADD ") })
        // Everything that the build needs is installed by the names that Tools/setup has for it.
        let setup = try String(
            contentsOf: BuiltProducts.repository.appendingPathComponent("Tools/setup"),
            encoding: .utf8
        )
        let packages = try #require(setup.firstMatch(of: /\npackages=\(([^)]*)\)/)).1
        #expect(lines.contains { $0.contains("--no-install-recommends \(packages) ") })
    }

    /// The health check, with the real programs: well while the daemon serves, and not when it is gone.
    @Test func theHealthCheckTellsTheTruth() throws {
        let lines = try Self.dockerfile()
        let check = try #require(lines.first { $0.hasPrefix("HEALTHCHECK") }?.split(separator: "CMD ").last)
        let words = try #require(try JSONSerialization.jsonObject(with: Data(check.utf8)) as? [String])
        let daemon = try DaemonProcess()
        let arguments = words.dropFirst().map { $0 == "/run/mintmark/mintmark.sock" ? daemon.unixPath : $0 }
        #expect(words[0] == "/usr/bin/mintmark" && arguments.contains(daemon.unixPath))
        #expect(try run(BuiltProducts.mintmark, arguments).exitCode == 0)
        #expect(daemon.stop() == 0)
        #expect(try run(BuiltProducts.mintmark, arguments).exitCode == 3)
    }

    /// Its variables are settings.
    @Test func theVariablesOfTheImageAreSettings() throws {
        let line = try #require(try Self.dockerfile().first { $0.hasPrefix("ENV ") })
        let pairs = line.split(separator: " ").dropFirst().map { $0.split(separator: "=").map(String.init) }
        let environment = Dictionary(pairs.map { ($0[0], $0[1]) }) { first, _ in first }
        #expect(environment.count == 2)
        let result = try run(BuiltProducts.mintmarkd, ["--print-config"], environment: environment)
        #expect(result.exitCode == 0, "\(result)")
        for (name, value) in environment {
            #expect(result.output.contains(value), "\(name)")
        }
    }
}
