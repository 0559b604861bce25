// Reading settings files strictly: every member named, every problem with its place.

import Bytes

/// Reads the JSON of one settings file and collects what is wrong with it.
struct SettingsReader {
    private let file: SourceFile
    private(set) var problems: [PolicyProblem] = []

    init(_ file: SourceFile) {
        self.file = file
    }

    /// The file's object; nil, with a problem, if it is anything else.
    mutating func root() -> JSONValue? {
        do {
            let value = try JSONValue(parsing: file.bytes, limits: .file)
            guard value.kind == .object else {
                fail(.invalidMember, at: [], "the file must contain a JSON object")
                return nil
            }
            return value
        } catch {
            let range = error.offset..<error.offset + 1
            problems.append(PolicyProblem(.json, in: file, at: range, error.reasonText))
            return nil
        }
    }

    mutating func fail(_ code: PolicyProblem.Code, at path: [JSONStep], _ message: String) {
        let range = JSONLocator.range(of: path, in: file.bytes)
        problems.append(PolicyProblem(code, in: file, at: range, message))
    }

    mutating func failUnknown(_ name: Text, at path: [JSONStep]) {
        fail(.unknownMember, at: path + [.member(name)], "unknown member `\(name)`")
    }

    mutating func failMissing(_ name: Text, at path: [JSONStep]) {
        fail(.invalidMember, at: path, "member `\(name)` is missing")
    }

    mutating func object(_ value: JSONValue, at path: [JSONStep]) -> JSONValue? {
        guard value.kind == .object else {
            fail(.invalidMember, at: path, "\(Self.subject(path)) must be an object")
            return nil
        }
        return value
    }

    mutating func boolean(_ value: JSONValue, at path: [JSONStep]) -> Bool? {
        guard let boolean = value.boolean else {
            fail(.invalidMember, at: path, "\(Self.subject(path)) must be `true` or `false`")
            return nil
        }
        return boolean
    }

    mutating func integer(_ value: JSONValue, in range: ClosedRange<Int64>, at path: [JSONStep]) -> Int64? {
        guard let integer = value.integer, range.contains(integer) else {
            let bounds = "\(range.lowerBound) to \(range.upperBound)"
            fail(.invalidMember, at: path, "\(Self.subject(path)) must be an integer from \(bounds)")
            return nil
        }
        return integer
    }

    mutating func text(_ value: JSONValue, bytesMax: Int, at path: [JSONStep]) -> Text? {
        guard let text = value.string, Names.isVisible(text, bytesMax: bytesMax) else {
            let form = "a string of 1 to \(bytesMax) bytes without control characters"
            fail(.invalidMember, at: path, "\(Self.subject(path)) must be \(form)")
            return nil
        }
        return text
    }

    /// A list of different texts.
    mutating func texts(
        _ value: JSONValue,
        count: ClosedRange<Int>,
        bytesMax: Int,
        at path: [JSONStep]
    ) -> [Text]? {
        guard value.kind == .array, count.contains(value.count) else {
            let bounds = "\(count.lowerBound) to \(count.upperBound)"
            fail(.invalidMember, at: path, "\(Self.subject(path)) must be a list of \(bounds) strings")
            return nil
        }
        var texts: [Text] = []
        for (index, element) in value.elements.enumerated() {
            guard let text = text(element, bytesMax: bytesMax, at: path + [.element(index)]) else { return nil }
            guard !texts.contains(text) else {
                fail(.invalidMember, at: path + [.element(index)], "`\(text)` is given twice")
                return nil
            }
            texts.append(text)
        }
        return texts
    }

    /// What a message is about: the last member of the path.
    private static func subject(_ path: [JSONStep]) -> String {
        for step in path.reversed() {
            if case .member(let name) = step { return "`\(name)`" }
        }
        return "the value"
    }
}

/// The forms of names in settings files.
enum Names {
    /// Whether a text has 1 to the given number of bytes and no control characters.
    static func isVisible(_ text: Text, bytesMax: Int) -> Bool {
        (1...bytesMax).contains(text.byteCount)
            && text.string.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) }
    }

    /// Whether a text can name a bundle or a surface: ASCII letters, digits, `_`, `-` and `.`, a letter or digit first.
    static func isSimple(_ text: Text) -> Bool {
        guard (1...BundleLimits.nameBytesMax).contains(text.byteCount) else { return false }
        var isFirst = true
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                break
            case UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."):
                if isFirst { return false }
            default:
                return false
            }
            isFirst = false
        }
        return true
    }

    /// What ``isSimple(_:)`` asks for, in words.
    static let simpleForm = "1 to \(BundleLimits.nameBytesMax) ASCII letters, digits, `_`, `-` and `.`"
}
