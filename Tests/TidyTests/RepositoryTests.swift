import Foundation
import Testing

/// Every rule, held against the working tree.
@Suite("The repository is tidy")
struct RepositoryTests {
    @Test(arguments: Rule.allCases)
    func holds(rule: Rule) {
        let findings = Self.findings(of: rule).filter { finding in
            !Exemption.all.contains { $0.covers(finding) }
        }
        let list = findings.map(\.description).joined(separator: "\n")
        if !findings.isEmpty { Issue.record("\(findings.count) findings:\n\(list)") }
    }

    @Test func theTreeIsSeen() {
        // A rule that sees no file holds nothing.
        #expect(Self.sources.count > 20)
        #expect(Self.product.count > 20)
        #expect(Self.manifest.dependencies.count > 20)
        #expect(FixtureFolder.all(in: .current).contains { $0.path.hasSuffix("json-canonicalization") })
        #expect(Self.documents.contains { $0.path == "ARCHITECTURE.md" })
    }

    @Test func everyTargetHasItsFolder() {
        let paths = Repository.current.paths
        for target in Self.manifest.dependencies.keys.sorted() {
            let folders = ["Sources", "Tests", "Libraries", "Benchmarks", "Fuzz"].map { "\($0)/\(target)/" }
            #expect(folders.contains { folder in paths.contains { $0.hasPrefix(folder) } }, "\(target)")
        }
        for file in Self.sources {
            #expect(file.target.map { Self.manifest.dependencies[$0] != nil } == true, "\(file.path) is in no target")
        }
    }

    @Test func everyExemptionIsStillNeeded() {
        for exemption in Exemption.all {
            #expect(Self.findings(of: exemption.rule).contains(where: exemption.covers), "\(exemption)")
            #expect(exemption.reason.count > 20, "an exemption needs a reason: \(exemption)")
        }
    }

    @Test func fixturesHaveTheDigestsOfTheirSources() throws {
        for folder in FixtureFolder.all(in: .current) {
            let wanted = FixtureRule.digests(in: folder.source ?? "")
            let found = try Self.sha256(of: wanted.map(\.path), in: folder.path)
            #expect(found == wanted.map(\.digest), "\(folder.path)")
        }
    }

    // MARK: - What the rules look at

    private static let manifest = Manifest(Repository.current.file("Package.swift")?.text ?? "")
    private static let sources = Repository.current.swiftFiles(below: "Sources", "Tests", "Benchmarks", "Fuzz")
        .filter { !$0.path.contains("/Fixtures/") }
    private static let product = sources.filter { $0.parts[0] == "Sources" }
    private static let shimsAndScripts = Repository.current.files { path in
        ["scripts/", "Libraries/", ".ci/"].contains { path.hasPrefix($0) } || path == "Makefile"
    }
    private static let documents = Repository.current.files { path in
        path.hasSuffix(".md") && !path.contains("/Fixtures/")
    }

    private static func findings(of rule: Rule) -> [Finding] {
        switch rule {
        case .layers:
            sources.flatMap { LayerRule.findings(in: $0, manifest: manifest) } + LayerRule.findings(in: manifest)
                + LayerRule.unused(in: manifest, files: sources)
        case .stops: (sources + shimsAndScripts).flatMap(StopRule.findings)
        case .names: Repository.current.paths.filter { !$0.contains("/Fixtures/") }.flatMap(NameRule.findings)
        case .summaries: product.flatMap(SummaryRule.findings)
        case .purity: product.flatMap(PurityRule.findings)
        case .foundation: product.flatMap(FoundationRule.findings)
        case .force: sources.flatMap(ForceRule.findings)
        case .attributes: sources.flatMap(AttributeRule.findings)
        case .marks: (sources + shimsAndScripts).flatMap(MarkRule.findings)
        case .permits: sources.flatMap(PermitRule.findings)
        case .switches: product.flatMap(SwitchRule.findings)
        case .fixtures: FixtureFolder.all(in: .current).flatMap(FixtureRule.findings)
        case .documents:
            DocumentRule.missing(from: Repository.current.paths)
                + documents.flatMap { file in
                    DocumentRule.findings(in: file, paths: Set(Repository.current.paths)) { path in
                        Repository.current.file(path).map(DocumentRule.headings) ?? []
                    }
                }
        }
    }

    /// The digests of some files, by the system's own program.
    private static func sha256(of paths: [String], in folder: String) throws -> [String] {
        guard !paths.isEmpty else { return [] }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/sha256sum")
        process.arguments = ["--"] + paths
        process.currentDirectoryURL = Repository.current.root.appending(path: folder)
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return FixtureRule.digests(in: String(decoding: data, as: UTF8.self)).map(\.digest)
    }
}
