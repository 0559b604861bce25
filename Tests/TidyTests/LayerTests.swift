import Testing

@Suite("Imports go down")
struct LayerTests {
    private let manifest = Manifest(
        """
        let package = Package(
            products: [
                .library(name: "Cedar", targets: ["Cedar"]),
            ],
            targets: [
                // Floor 0.
                library("CUV", pkgConfig: "libuv", apt: "libuv1-dev"),
                .target(name: "CSystem", path: "Libraries/CSystem"),
                source("Bytes"),
                source("Cedar", ["Bytes"]),
                source("Authorization", ["Bytes"]),
                source("Receipts", ["Authorization", "Bytes"]),
                source(
                    "Runtime",
                    [
                        "Bytes", "CUV",
                    ]
                ),
                .executableTarget(
                    name: "writ-verify",
                    dependencies: ["Receipts", "Runtime"],
                    swiftSettings: strict
                ),
                .target(name: "WritTesting", dependencies: ["Bytes"], swiftSettings: strict),
                tests("Cedar", ["Bytes", "Cedar", "WritTesting"]),
            ]
        )
        """
    )

    private func findings(_ path: String, _ text: String) -> [String] {
        LayerRule.findings(in: SourceFile(path: path, text: text), manifest: manifest).map(\.message)
    }

    @Test func theManifestIsRead() {
        #expect(manifest.dependencies["Bytes"] == [])
        #expect(manifest.dependencies["Cedar"] == ["Bytes"])
        #expect(manifest.dependencies["CUV"] == [])
        #expect(manifest.dependencies["Runtime"] == ["Bytes", "CUV"])
        #expect(manifest.dependencies["writ-verify"] == ["Receipts", "Runtime"])
        #expect(manifest.dependencies["CedarTests"] == ["Bytes", "Cedar", "WritTesting"])
        #expect(manifest.dependencies.count == 10)
    }

    @Test(arguments: [
        ("Sources/Cedar/A.swift", "import Bytes"),
        ("Sources/Cedar/A.swift", "public import struct Bytes.Text"),
        ("Sources/Cedar/A.swift", "@preconcurrency package import Bytes"),
        ("Sources/Runtime/A.swift", "import CUV\nimport Glibc"),
        ("Sources/Cedar/A.swift", "// import Service\nlet a = \"\"\"\nimport Service\n\"\"\""),
        ("Tests/CedarTests/A.swift", "import Cedar\nimport Foundation\nimport WritTesting\nimport Testing"),
    ])
    func importsThatGoDownAndAreDeclaredHold(path: String, text: String) {
        #expect(findings(path, text) == [])
    }

    @Test(arguments: [
        ("Sources/Cedar/A.swift", "import Authorization"),
        ("Sources/Bytes/A.swift", "import Cedar"),
        ("Sources/Receipts/A.swift", "import Cedar"),
        ("Sources/Receipts/A.swift", "public import enum Runtime.Clock"),
        ("Sources/Receipts/A.swift", "import WritTesting"),
        ("Sources/Receipts/A.swift", "import NIO"),
        ("Sources/writ-verify/A.swift", "import Runtime"),
        ("Sources/Receipts/A.swift", "  @preconcurrency import Runtime"),
        ("Tests/CedarTests/A.swift", "import Receipts"),
    ])
    func importsAcrossUpOrUndeclaredAreFound(path: String, text: String) {
        #expect(findings(path, text).count == 1)
    }

    @Test func aManifestThatDeclaresUpwardsIsFound() {
        let messages = LayerRule.findings(
            in: Manifest("    targets: [\n source(\"Bytes\", [\"Cedar\"]), source(\"Cedar\")")
        )
        .map(\.message)
        #expect(messages.contains("`Bytes` on floor 0 imports `Cedar` on floor 1"))
        #expect(!messages.contains { $0.hasPrefix("`Cedar`") })
        #expect(messages.contains("`Service` of the floor table is not in the manifest"))
    }

    @Test func targetsWithoutAFloorAreFound() {
        let messages = LayerRule.findings(in: Manifest("source(\"Utilities\", [])")).map(\.message)
        #expect(messages.contains { $0.hasPrefix("`Utilities` is on no floor") })
    }

    @Test func whatIsDeclaredAndNotImportedIsFound() {
        let manifest = Manifest("source(\"Cedar\", [\"Bytes\"])")
        let used = SourceFile(path: "Sources/Cedar/A.swift", text: "package import Bytes")
        let unused = SourceFile(path: "Sources/Cedar/A.swift", text: "// import Bytes")
        #expect(LayerRule.unused(in: manifest, files: [used]).isEmpty)
        #expect(LayerRule.unused(in: manifest, files: [unused]).count == 1)
    }

    @Test func foundationIsFoundInTheProductAlone() {
        func findings(_ path: String, _ text: String) -> Int {
            FoundationRule.findings(in: SourceFile(path: path, text: text)).count
        }
        #expect(findings("Sources/Service/A.swift", "import Foundation") == 1)
        #expect(findings("Sources/Bytes/A.swift", "import struct FoundationEssentials.Data") == 1)
        #expect(findings("Sources/Bytes/A.swift", "// import Foundation") == 0)
        #expect(findings("Tests/BytesTests/A.swift", "import Foundation") == 0)
    }
}
