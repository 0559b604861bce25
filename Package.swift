// swift-tools-version: 6.3

import PackageDescription

/// One set of compiler settings for every Swift target: the strictest that the toolchain has.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
]

/// A Swift target of the product, in `Sources/<name>`.
func source(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

/// A test target, in `Tests/<name>Tests`, of the target of the same name; its `Fixtures` are read from the source tree.
func tests(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .testTarget(
        name: "\(name)Tests",
        dependencies: dependencies,
        exclude: (fixtures.contains(name) ? ["Fixtures"] : []) + (name == "Scenario" ? ["Scripts"] : []),
        swiftSettings: strict
    )
}

/// The test targets that have a folder of fixtures.
let fixtures: Set<String> = ["Bytes", "Cedar", "Cryptography", "Service", "Transparency"]

/// A C library of Debian, in `Libraries/<name>`: a module map and nothing else.
func library(_ name: String, pkgConfig: String, apt: String) -> Target {
    .systemLibrary(name: name, path: "Libraries/\(name)", pkgConfig: pkgConfig, providers: [.apt([apt])])
}

let package = Package(
    name: "writ",
    products: [
        .library(name: "Cedar", targets: ["Cedar"]),
        .executable(name: "writ", targets: ["writ"]),
        .executable(name: "writ-verify", targets: ["writ-verify"]),
    ],
    targets: [
        // Floor 0: bytes, and the C libraries.
        library("COpenSSL", pkgConfig: "libcrypto", apt: "libssl-dev"),
        library("CSodium", pkgConfig: "libsodium", apt: "libsodium-dev"),
        library("CSQLite", pkgConfig: "sqlite3", apt: "libsqlite3-dev"),
        library("CUV", pkgConfig: "libuv", apt: "libuv1-dev"),
        .target(name: "CSystem", path: "Libraries/CSystem"),
        source("Bytes"),

        // Floor 1: the policy language, cryptography, the values of a decision.
        source("Cedar", ["Bytes"]),
        source("Cryptography", ["Bytes", "COpenSSL", "CSodium"]),
        source("Authorization", ["Bytes"]),

        // Floor 2: the pure ruling, the tree, the HTTP messages.
        source("StrictPolicy", ["Authorization", "Bytes", "Cedar"]),
        source("Transparency", ["Bytes", "Cryptography"]),
        source("HTTP", ["Bytes"]),

        // Floor 3: encodings, loading, identities and halts, the operating system.
        source("Receipts", ["Authorization", "Bytes", "Cryptography", "Transparency"]),
        source("Bundles", ["Authorization", "Bytes", "Cedar", "Cryptography", "StrictPolicy"]),
        source("Authority", ["Authorization", "Bytes", "Cryptography"]),
        source("Runtime", ["Bytes", "CSystem", "CUV", "HTTP"]),

        // Floor 4: the durable log, and the view of it.
        source("Ledger", ["Authorization", "Bytes", "CSystem", "Cryptography", "Receipts", "Runtime", "Transparency"]),
        source("State", ["Authorization", "Bytes", "CSQLite", "Runtime"]),

        // Floor 5: where everything meets.
        source(
            "DecisionPoint",
            [
                "Authority", "Authorization", "Bytes", "Cryptography", "Ledger", "Receipts", "Runtime",
                "State", "StrictPolicy", "Transparency",
            ]
        ),

        // Floor 6: enforcement points, and the server.
        source(
            "EnforcementPoint",
            ["Authorization", "Bytes", "Cryptography", "CSystem", "HTTP", "Runtime"]
        ),
        source(
            "Service",
            [
                "Authority", "Authorization", "Bundles", "Bytes", "Cryptography", "DecisionPoint", "HTTP", "Ledger",
                "Receipts", "Runtime", "State", "StrictPolicy", "Transparency",
            ]
        ),

        // Floor 7: command lines.
        .executableTarget(
            name: "writ",
            dependencies: [
                "Authorization", "Bundles", "Bytes", "Cedar", "Cryptography", "DecisionPoint", "EnforcementPoint",
                "HTTP", "Ledger", "Receipts", "Runtime", "Service", "StrictPolicy", "Transparency",
            ],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "writ-verify",
            dependencies: ["Authorization", "Bytes", "Cryptography", "Receipts", "Transparency"],
            swiftSettings: strict
        ),

        // Measurements.
        .target(name: "CLoad", path: "Benchmarks/CLoad"),
        .executableTarget(
            name: "writ-bench",
            dependencies: [
                "Authority", "Authorization", "Bundles", "Bytes", "CLoad", "Cryptography", "DecisionPoint", "HTTP",
                "Ledger", "Receipts", "Runtime", "State", "StrictPolicy",
            ],
            path: "Benchmarks/writ-bench",
            swiftSettings: strict
        ),
        .executableTarget(
            name: "cedar-bench",
            dependencies: ["Bytes", "Cedar"],
            path: "Benchmarks/cedar-bench",
            swiftSettings: strict
        ),

        // Decoders under hostile bytes: the targets, and the program that tries them.
        .target(
            name: "FuzzTargets",
            dependencies: [
                "Authorization", "Bytes", "Cedar", "Cryptography", "EnforcementPoint", "HTTP", "Ledger", "Receipts",
                "Service", "StrictPolicy", "Transparency",
            ],
            path: "Fuzz/FuzzTargets",
            swiftSettings: strict
        ),
        .target(name: "CFuzzer", path: "Fuzz/CFuzzer"),
        .executableTarget(
            name: "writ-fuzz",
            dependencies: ["CFuzzer", "FuzzTargets"],
            path: "Fuzz/writ-fuzz",
            swiftSettings: strict
        ),

        // The library's side of the differential test of Cedar.
        .executableTarget(
            name: "cedar-peer",
            dependencies: ["Bytes", "Cedar"],
            path: "Fuzz/cedar-peer",
            swiftSettings: strict
        ),

        // Tests.
        .target(
            name: "WritTesting",
            dependencies: ["Authorization", "Bytes", "Runtime", "State"],
            swiftSettings: strict
        ),
        tests("Bytes", ["Bytes"]),
        tests("Cedar", ["Bytes", "Cedar"]),
        tests("Cryptography", ["Bytes", "CSodium", "Cryptography"]),
        tests("Authorization", ["Authorization", "Bytes"]),
        tests("StrictPolicy", ["Authorization", "Bytes", "Cedar", "StrictPolicy"]),
        tests("Transparency", ["Bytes", "Cryptography", "Transparency"]),
        tests("HTTP", ["Bytes", "HTTP"]),
        tests("Receipts", ["Authorization", "Bytes", "Cryptography", "Receipts", "Transparency"]),
        tests("Bundles", ["Authorization", "Bundles", "Bytes", "StrictPolicy"]),
        tests("Authority", ["Authority", "Authorization", "Bytes"]),
        tests("Runtime", ["Bytes", "HTTP", "Runtime"]),
        tests(
            "Ledger",
            ["Authorization", "Bytes", "CSystem", "Cryptography", "Ledger", "Receipts", "Runtime", "Transparency"]
        ),
        tests("State", ["Authorization", "Bytes", "State", "WritTesting"]),
        tests(
            "DecisionPoint",
            [
                "Authority", "Authorization", "Bytes", "Cryptography", "DecisionPoint", "Ledger", "Receipts", "Runtime",
                "State", "StrictPolicy", "Transparency", "WritTesting",
            ]
        ),
        tests(
            "EnforcementPoint",
            ["Authorization", "Bytes", "Cryptography", "EnforcementPoint", "Runtime"]
        ),
        tests(
            "Service",
            [
                "Authority", "Authorization", "Bundles", "Bytes", "HTTP", "Ledger", "Receipts", "Runtime", "Service",
                "StrictPolicy",
            ]
        ),
        tests("Fuzz", ["FuzzTargets"]),
        tests("Tidy", ["Authorization"]),
        tests("Scenario"),
    ]
)
