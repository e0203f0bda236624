// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .enableUpcomingFeature("ImmutableWeakCaptures"),
    .treatAllWarnings(as: .error),
]

let locks: Target.Dependency = .product(name: "NIOConcurrencyHelpers", package: "swift-nio")
let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioEmbedded: Target.Dependency = .product(name: "NIOEmbedded", package: "swift-nio")
let nioSSL: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let nioTLS: Target.Dependency = .product(name: "NIOTLS", package: "swift-nio")
let heap: Target.Dependency = .product(name: "HeapModule", package: "swift-collections")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let signals: Target.Dependency = .product(name: "UnixSignals", package: "swift-service-lifecycle")
let metrics: Target.Dependency = .product(name: "CoreMetrics", package: "swift-metrics")
let metricsKit: Target.Dependency = .product(name: "MetricsTestKit", package: "swift-metrics")
let memoryLog: Target.Dependency = .product(name: "InMemoryLogging", package: "swift-log")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let histogram: Target.Dependency = .product(name: "Histogram", package: "hdrhistogram-swift")
let http: Target.Dependency = .product(name: "HummingbirdCore", package: "hummingbird")
let httpTypes: Target.Dependency = .product(name: "HTTPTypes", package: "swift-http-types")
let httpParts: Target.Dependency = .product(name: "NIOHTTPTypes", package: "swift-nio-extras")
let httpCodec: Target.Dependency = .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras")
let http1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let arguments: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
    name: "mintmark",
    products: [
        .library(name: "MintmarkClient", targets: ["MintmarkClient", "MintmarkWire"])
    ],
    dependencies: [
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.14.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0", traits: []),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.34.1"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // System libraries
        .systemLibrary(name: "CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
        .systemLibrary(name: "CLibCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CLibSSL", pkgConfig: "libssl", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(name: "CLinux"),
        .systemLibrary(name: "CPrefetch"),
        .systemLibrary(name: "CBase64URL"),

        // Ring 0
        .target(name: "MintmarkWire", swiftSettings: settings + [.strictMemorySafety()]),
        .target(
            name: "MintmarkCrypto",
            dependencies: ["CBase64URL", "CSodium", "CLibCrypto"],
            swiftSettings: settings
        ),
        .target(name: "MintmarkProgram", dependencies: ["CLinux", "MintmarkWire"], swiftSettings: settings),

        // Ring 1
        .target(
            name: "MintmarkTokens",
            dependencies: ["CPrefetch", "MintmarkCrypto"],
            swiftSettings: settings
        ),
        .target(
            name: "MintmarkSessions",
            dependencies: ["CPrefetch", "MintmarkCrypto", locks],
            swiftSettings: settings
        ),
        .target(
            name: "MintmarkEngine",
            dependencies: ["MintmarkWire", "MintmarkTokens", "MintmarkSessions", locks],
            swiftSettings: settings
        ),

        // Ring 2
        .target(
            name: "MintmarkStorage",
            dependencies: ["MintmarkCrypto", "MintmarkSessions", "MintmarkTokens", locks],
            swiftSettings: settings
        ),
        .target(
            name: "MintmarkAdmin",
            dependencies: [
                "MintmarkCrypto", nioCore, nioPosix, http1, http, httpTypes, httpParts, httpCodec, locks, lifecycle,
                logging,
            ],
            swiftSettings: settings
        ),
        .target(
            name: "MintmarkServer",
            dependencies: [
                "CLinux", "CYAML", "MintmarkWire", "MintmarkCrypto", "MintmarkProgram", "MintmarkTokens",
                "MintmarkSessions", "MintmarkEngine", "MintmarkStorage", "MintmarkAdmin",
                nioCore, nioPosix, nioSSL, nioTLS, locks, heap, lifecycle, signals, logging,
            ],
            swiftSettings: settings
        ),
        .target(
            name: "MintmarkClient",
            dependencies: [
                "MintmarkWire",
                "MintmarkCrypto",
                heap,
                nioCore,
                nioPosix,
                nioSSL,
                nioTLS,
                locks,
                logging,
                metrics,
            ],
            swiftSettings: settings
        ),
        .target(
            name: "MintmarkCommand",
            dependencies: ["MintmarkClient", "MintmarkProgram", "MintmarkWire", arguments],
            path: "Tools/mintmark/MintmarkCommand",
            swiftSettings: settings
        ),
        .target(
            name: "MintmarkLoad",
            dependencies: ["CLinux", "CLibSSL", "MintmarkWire", "MintmarkCrypto", "MintmarkProgram", locks, arguments],
            path: "Tools/mintmark-bench/MintmarkLoad",
            swiftSettings: settings
        ),

        // Ring 3
        .executableTarget(
            name: "mintmarkd",
            dependencies: ["MintmarkServer", "MintmarkProgram", arguments],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "mintmark",
            dependencies: ["MintmarkCommand"],
            path: "Tools/mintmark/Main",
            swiftSettings: settings
        ),
        .executableTarget(
            name: "mintmark-bench",
            dependencies: ["MintmarkLoad"],
            path: "Tools/mintmark-bench/Main",
            swiftSettings: settings
        ),

        // Counting and fuzzing
        .target(
            name: "MintmarkInMemory",
            dependencies: [
                "MintmarkCrypto", "MintmarkEngine", "MintmarkSessions", "MintmarkTokens", "MintmarkWire",
            ],
            path: "Tools/mintmark-counts/MintmarkInMemory",
            swiftSettings: settings
        ),
        .executableTarget(
            name: "mintmark-counts",
            dependencies: ["MintmarkInMemory", "MintmarkCrypto", "MintmarkWire"],
            path: "Tools/mintmark-counts/Main",
            swiftSettings: settings
        ),
        .target(
            name: "MintmarkFuzz",
            dependencies: [
                "MintmarkInMemory", "MintmarkCrypto", "MintmarkSessions", "MintmarkTokens", "MintmarkWire",
            ],
            path: "Tools/mintmark-fuzz/MintmarkFuzz",
            swiftSettings: settings
        ),

        // Tests
        .target(
            name: "MintmarkTestSupport",
            dependencies: ["MintmarkClient", "MintmarkWire", nioCore, nioPosix, locks],
            path: "Tests/MintmarkTestSupport",
            swiftSettings: settings
        ),
        .target(
            name: "MintmarkSessionsTestSupport",
            dependencies: ["MintmarkCrypto", "MintmarkSessions", "MintmarkTestSupport", locks],
            path: "Tests/MintmarkSessionsTestSupport",
            swiftSettings: settings
        ),
        .testTarget(
            name: "MintmarkWireTests",
            dependencies: ["MintmarkWire", "MintmarkTestSupport"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "MintmarkCryptoTests",
            dependencies: ["MintmarkCrypto", "CSodium", "MintmarkTestSupport"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "MintmarkTokensTests",
            dependencies: ["MintmarkTokens", "MintmarkCrypto", "MintmarkTestSupport"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "MintmarkSessionsTests",
            dependencies: [
                "MintmarkSessions", "MintmarkCrypto", "MintmarkSessionsTestSupport", "MintmarkTestSupport", locks,
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "MintmarkStorageTests",
            dependencies: [
                "MintmarkStorage", "MintmarkSessions", "MintmarkTokens", "MintmarkCrypto",
                "MintmarkSessionsTestSupport", "MintmarkTestSupport", locks,
            ],
            exclude: ["Golden/README.md", "Golden/version-1"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "MintmarkServerTests",
            dependencies: [
                "MintmarkServer", "MintmarkAdmin", "MintmarkStorage", "MintmarkEngine", "MintmarkSessions",
                "MintmarkTokens", "MintmarkProgram",
                "MintmarkCrypto", "MintmarkWire", "MintmarkTestSupport", "CLibSSL", nioCore, nioPosix, nioEmbedded,
                nioSSL, locks, logging,
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "MintmarkAdminTests",
            dependencies: ["MintmarkAdmin", nioCore, nioEmbedded, nioPosix, locks, logging],
            swiftSettings: settings
        ),
        .testTarget(
            name: "MintmarkEngineTests",
            dependencies: [
                "MintmarkEngine", "MintmarkSessions", "MintmarkTokens", "MintmarkCrypto", "MintmarkWire",
                "MintmarkTestSupport", locks,
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "MintmarkEndToEndTests",
            dependencies: [
                "CSodium", "mintmarkd", "mintmark", "mintmark-bench", "MintmarkClient", "MintmarkWire",
                "MintmarkTestSupport",
            ],
            swiftSettings: settings
        ),
        .testTarget(name: "MintmarkRepositoryTests", swiftSettings: settings),
        .testTarget(
            name: "MintmarkFuzzTests",
            dependencies: ["MintmarkFuzz", "MintmarkInMemory", "MintmarkCrypto", "MintmarkWire"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "MintmarkClientTests",
            dependencies: [
                "MintmarkClient",
                "MintmarkWire",
                "MintmarkTestSupport",
                nioCore,
                nioPosix,
                locks,
                logging,
                memoryLog,
                metrics,
                metricsKit,
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "MintmarkCommandTests",
            dependencies: [
                "MintmarkCommand", "MintmarkClient", "MintmarkProgram", "MintmarkWire", "MintmarkTestSupport",
                "mintmark",
                arguments, locks,
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "MintmarkLoadTests",
            dependencies: [
                "MintmarkLoad", "MintmarkClient", "MintmarkCrypto", "MintmarkWire", "MintmarkTestSupport", locks,
                histogram, arguments,
            ],
            exclude: ["Golden"],
            swiftSettings: settings
        ),
    ]
)

// The programs of `Tools/fuzz` get their main function from libFuzzer, so they are built by it only.
if Context.environment["MINTMARK_FUZZ"] != nil {
    let targets = ["Frames", "Tokens", "JSON", "RefreshTokens", "Journal", "Snapshots", "Planted"]
    package.targets += targets.map { name in
        .executableTarget(
            name: "mintmark-fuzz-\(name.lowercased())",
            dependencies: ["MintmarkFuzz"],
            path: "Tools/mintmark-fuzz/\(name)",
            swiftSettings: settings + [.unsafeFlags(["-parse-as-library"])]
        )
    }
}
