// Imports go down the floors.

/// The floor table of ARCHITECTURE.md, and the rule that holds it.
enum LayerRule {
    /// The floor of each target of the product and of the C libraries.
    static let floors: [String: Int] = [
        "Bytes": 0, "COpenSSL": 0, "CSodium": 0, "CSQLite": 0, "CSystem": 0, "CUV": 0,
        "Cedar": 1, "Cryptography": 1, "Authorization": 1,
        "StrictPolicy": 2, "Transparency": 2, "HTTP": 2,
        "Receipts": 3, "Bundles": 3, "Authority": 3, "Runtime": 3,
        "Ledger": 4, "State": 4,
        "DecisionPoint": 5,
        "EnforcementPoint": 6, "Service": 6,
        "writ": 7, "writ-verify": 7,
        // Outside the product: measurements and differential tests may use all of it.
        "CLoad": 0, "writ-bench": 8, "cedar-bench": 8, "cedar-peer": 8, "CFuzzer": 0, "FuzzTargets": 7, "writ-fuzz": 8,
    ]

    /// Support for tests: above the floors that it serves, and never below the product.
    static let testSupport = "WritTesting"

    /// The only targets that the verifier may link, so that it shares nothing with the gate.
    static let verifierMayImport: Set<String> = ["Bytes", "Cryptography", "Authorization", "Transparency", "Receipts"]

    /// The system modules that the product may import at all; Foundation has a rule of its own.
    static let systemModules: Set<String> = ["Glibc", "Synchronization", "Swift"]

    /// The imports of a source: module and line.
    static func imports(of file: SourceFile) -> [(module: String, line: Int)] {
        file.swift.code.enumerated().compactMap { index, code in
            guard code.contains("import") else { return nil }
            return importLine.matches(in: code).first.map { ($0[1], index + 1) }
        }
    }

    /// Checks one source against the floors and the manifest; a test may import whatever its target declares.
    static func findings(in file: SourceFile, manifest: Manifest) -> [Finding] {
        guard let target = file.target else { return [] }
        let isTest = file.parts[0] == "Tests"
        return imports(of: file).compactMap { module, line in
            let declared = manifest.dependencies[target] ?? []
            let isOurs = floors[module] != nil || module == testSupport
            if isTest, !isOurs || declared.contains(module) { return nil }
            return complaint(target: target, module: module, declared: declared)
                .map { Finding(rule: .layers, path: file.path, line: line, message: $0) }
        }
    }

    /// Checks the manifest alone: every target is on a floor, and declares only what lies below.
    static func findings(in manifest: Manifest) -> [Finding] {
        var messages: [String] = []
        for (target, dependencies) in manifest.dependencies.sorted(by: { $0.key < $1.key })
        where !target.hasSuffix("Tests") {
            if target != testSupport, floors[target] == nil {
                messages.append("`\(target)` is on no floor: add it to the floor table and to ARCHITECTURE.md")
            }
            messages += dependencies.compactMap { complaint(target: target, module: $0, declared: dependencies) }
        }
        for target in floors.keys.sorted() where manifest.dependencies[target] == nil {
            messages.append("`\(target)` of the floor table is not in the manifest")
        }
        return messages.map { Finding(rule: .layers, path: "Package.swift", line: 0, message: $0) }
    }

    /// What is declared and imported by no source of the target.
    static func unused(in manifest: Manifest, files: [SourceFile]) -> [Finding] {
        var imported: [String: Set<String>] = [:]
        for file in files {
            guard let target = file.target else { continue }
            imported[target, default: []].formUnion(imports(of: file).map(\.module))
        }
        return manifest.dependencies.sorted { $0.key < $1.key }.compactMap { target, dependencies in
            let unused = dependencies.filter { imported[target]?.contains($0) != true }
            guard !unused.isEmpty else { return nil }
            let message = "`\(target)` declares and imports nowhere: \(unused.joined(separator: ", "))"
            return Finding(rule: .layers, path: "Package.swift", line: 0, message: message)
        }
    }

    private static let importLine = Pattern(
        #"^\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:(?:public|package|internal|fileprivate|private)\s+)?import\s+"#
            + #"(?:(?:struct|class|enum|protocol|typealias|func|var|let)\s+)?(\w+)"#
    )

    private static func complaint(target: String, module: String, declared: [String]) -> String? {
        if systemModules.contains(module) || FoundationRule.modules.contains(module) { return nil }
        guard module == testSupport || floors[module] != nil else {
            return "`\(module)` is neither a target nor an allowed system module"
        }
        guard declared.contains(module) else {
            return "`\(target)` imports `\(module)` and Package.swift does not declare it"
        }
        guard let there = floors[module] else { return "`\(target)` imports `\(module)`, which is for tests only" }
        if target == testSupport { return nil }
        guard let here = floors[target] else { return nil }
        if there >= here { return "`\(target)` on floor \(here) imports `\(module)` on floor \(there)" }
        if target == "writ-verify", !verifierMayImport.contains(module) {
            return "`writ-verify` imports `\(module)`, a part of the gate"
        }
        return nil
    }
}

/// Foundation costs size and start time, and its JSON reads what it should refuse.
enum FoundationRule {
    /// The modules that may not be imported.
    static let modules: Set<String> = [
        "Foundation", "FoundationEssentials", "FoundationInternationalization", "FoundationNetworking", "FoundationXML",
        "Dispatch",
    ]

    /// Checks one source of the product.
    static func findings(in file: SourceFile) -> [Finding] {
        guard file.parts.first == "Sources" else { return [] }
        return LayerRule.imports(of: file).filter { modules.contains($0.module) }.map {
            let message = "imports `\($0.module)`"
            return Finding(rule: .foundation, path: file.path, line: $0.line, message: message)
        }
    }
}
