// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that nothing of jwt-kit becomes part of the products: only `Tools/measure` builds it.
let package = Package(
    name: "jwtkit-verify",
    dependencies: [
        .package(url: "https://github.com/vapor/jwt-kit", exact: "5.7.1")
    ],
    targets: [
        .executableTarget(
            name: "jwtkit-verify",
            dependencies: [.product(name: "JWTKit", package: "jwt-kit")],
            path: "Main",
            swiftSettings: [
                .swiftLanguageMode(.v6),
                .enableUpcomingFeature("InternalImportsByDefault"),
                .treatAllWarnings(as: .error),
            ]
        )
    ]
)
