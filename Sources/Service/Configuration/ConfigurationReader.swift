// Reading `writ.json`: strict, every problem with its place.

import Bytes
import StrictPolicy

/// Reads the members of a configuration file and collects what is wrong with it.
struct ConfigurationReader {
    private let file: SourceFile
    private(set) var values = ConfigurationValues()
    private(set) var problems: [PolicyProblem] = []

    /// The bounds of the file.
    static let limits = JSONLimits(bytesMax: 1 << 20, depthMax: 8, nodesMax: 10_000)

    /// Reads a file.
    init(_ file: SourceFile) {
        self.file = file
        do throws(JSONError) {
            let root = try JSONValue(parsing: file.bytes, limits: Self.limits)
            read(root, [])
        } catch {
            problems.append(PolicyProblem(.json, in: file, at: error.offset..<error.offset + 1, error.reasonText))
        }
    }

    private mutating func read(_ value: JSONValue, _ path: [Text]) {
        guard value.kind == .object else {
            let subject = path.last.map { "`\($0)`" } ?? "the file"
            fail(.invalidMember, path, "\(subject) must be an object with \(Self.list(Self.names(below: path)))")
            return
        }
        let known = Self.names(below: path)
        for member in value.members {
            let inner = path + [member.name]
            guard known.contains(member.name.string) else {
                let near = NearMiss.of(member.name.string, among: known).map { "; did you mean `\($0)`?" } ?? ""
                fail(.unknownMember, inner, "unknown member `\(member.name)`\(near) allowed here: \(Self.list(known))")
                continue
            }
            guard let leaf = ConfigurationMember(rawValue: Self.joined(inner)) else {
                read(member.value, inner)
                continue
            }
            if !values.set(leaf, member.value) {
                fail(.invalidMember, inner, "`\(Self.joined(inner))` must be \(leaf.expectation)")
            }
        }
    }

    private mutating func fail(_ code: PolicyProblem.Code, _ path: [Text], _ message: String) {
        let range = JSONLocator.range(of: path.map { JSONStep.member($0) }, in: file.bytes)
        problems.append(PolicyProblem(code, in: file, at: range, message))
    }

    /// The names that may stand in the object at a path, ascending.
    private static func names(below path: [Text]) -> [String] {
        let prefix = path.isEmpty ? "" : "\(joined(path))."
        var names: Set<String> = []
        for member in ConfigurationMember.allCases where member.rawValue.hasPrefix(prefix) {
            let rest = member.rawValue.dropFirst(prefix.count)
            names.insert(String(rest.prefix { $0 != "." }))
        }
        return names.sorted { Text($0) < Text($1) }
    }

    private static func joined(_ path: [Text]) -> String { path.map(\.string).joined(separator: ".") }

    private static func list(_ names: [String]) -> String { names.map { "`\($0)`" }.joined(separator: ", ") }
}
