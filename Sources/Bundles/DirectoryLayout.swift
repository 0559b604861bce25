// Which file of a policy directory is what.

import Bytes
import StrictPolicy

/// The files of a directory in their places; what has no place is a problem.
struct DirectoryLayout {
    /// The files of one surface.
    private struct SurfaceFiles {
        var settings: SourceFile?
        var schema: SourceFile?
        var policies: [SourceFile] = []
        var tests: [SourceFile] = []
    }

    private var settings: SourceFile?
    private var commonSchema: SourceFile?
    private var commonPolicies: [SourceFile] = []
    private var entities: [SourceFile] = []
    private var surfaces: [Text: SurfaceFiles] = [:]
    private(set) var problems: [PolicyProblem] = []

    /// Puts every file into its place.
    init(files: [SourceFile], folders: [Text]) {
        for folder in folders { place(folder: folder) }
        for file in files { place(file) }
        requireFiles()
    }

    /// The sources of the bundle; nil if a required file is missing.
    var sources: PolicySources? {
        guard let settings, let commonSchema else { return nil }
        var surfaceSources: [SurfaceSources] = []
        for (name, files) in surfaces {
            guard let settings = files.settings, let schema = files.schema else { return nil }
            surfaceSources.append(
                SurfaceSources(name: name, settings: settings, schema: schema, policies: files.policies)
            )
        }
        return PolicySources(
            settings: settings,
            commonSchema: commonSchema,
            commonPolicies: commonPolicies,
            entities: entities,
            surfaces: surfaceSources
        )
    }

    /// The files with tests, ascending by path.
    var tests: [SourceFile] { surfaces.values.flatMap(\.tests).sorted { $0.path < $1.path } }

    private mutating func place(folder: Text) {
        let parts = Self.parts(folder)
        switch (parts.count, parts.first) {
        case (1, "common"), (1, "entities"), (1, "surfaces"): return
        case (2, "surfaces"): surfaces[parts[1]] = SurfaceFiles()
        case (3, "surfaces") where parts[2] == "tests": return
        default: problems.append(PolicyProblem(.unknownFile, file: folder, "unknown folder"))
        }
    }

    private mutating func place(_ file: SourceFile) {
        let parts = Self.parts(file.path)
        let name = parts.last ?? ""
        switch (parts.count, parts.first) {
        case (1, "bundle.json"): settings = file
        case (1, "common.cedarschema"): commonSchema = file
        case (2, "common") where Self.has(name, "cedar"): commonPolicies.append(file)
        case (2, "entities") where Self.has(name, "json"): entities.append(file)
        case (3, "surfaces"): place(file, name, in: parts[1])
        case (4, "surfaces") where parts[2] == "tests" && Self.has(name, "json"):
            surfaces[parts[1], default: SurfaceFiles()].tests.append(file)
        default: refuse(file)
        }
    }

    private mutating func place(_ file: SourceFile, _ name: Text, in surface: Text) {
        var files = surfaces[surface, default: SurfaceFiles()]
        switch name {
        case "surface.json": files.settings = file
        case "schema.cedarschema": files.schema = file
        default:
            guard Self.has(name, "cedar") else { return refuse(file) }
            files.policies.append(file)
        }
        surfaces[surface] = files
    }

    private mutating func refuse(_ file: SourceFile) {
        problems.append(PolicyProblem(.unknownFile, file: file.path, "unknown file"))
    }

    private mutating func requireFiles() {
        if settings == nil { require("bundle.json") }
        if commonSchema == nil { require("common.cedarschema") }
        for (name, files) in surfaces {
            if files.settings == nil { require("surfaces/\(name)/surface.json") }
            if files.schema == nil { require("surfaces/\(name)/schema.cedarschema") }
        }
    }

    private mutating func require(_ path: String) {
        problems.append(PolicyProblem(.missingFile, file: Text(path), "the file is missing"))
    }

    private static func parts(_ path: Text) -> [Text] {
        path.string.split(separator: "/", omittingEmptySubsequences: false).map { Text(String($0)) }
    }

    /// Whether a file's name ends in an extension and has something before it that is not hidden.
    private static func has(_ name: Text, _ ending: String) -> Bool {
        let suffix = Array(".\(ending)".utf8)
        return name.byteCount > suffix.count && name.utf8.suffix(suffix.count).elementsEqual(suffix)
            && name.utf8.first != UInt8(ascii: ".")
    }
}
