import Foundation

/// A text script: commands, what they print and how they end.
///
/// One thing a line:
/// - `$ words`: run by `/bin/sh`, in the script's own folder, with our binaries first in the path;
/// - `> pattern` and `! pattern`: the next line of standard output, or of standard error; `*` stands for anything, and
///   a line of `...` alone for any number of lines;
/// - `? code`: the exit code, 0 where it is not said;
/// - `& name words`: a process in the background, which must say `writ: ready` on standard error;
/// - `kill name SIGNAL code`: sends a signal and waits for that exit code, or for the end by that signal with `-`;
/// - `hup name pattern`: sends SIGHUP and waits for a line like that on standard error;
/// - `file name`: the lines up to `end` become a file;
/// - `#`: a remark.
///
/// Every line that is printed must be expected.
struct Script {
    enum Step {
        case run(String, output: [String], error: [String], code: Int32)
        case start(name: String, command: String)
        case kill(name: String, signal: String, code: Int32?)
        case hangUp(name: String, pattern: String)
        case file(name: String, text: String)
    }

    struct Malformed: Error, CustomStringConvertible {
        let description: String
    }

    let steps: [(line: Int, step: Step)]

    init(_ text: String) throws {
        var steps: [(line: Int, step: Step)] = []
        var lines = Array(text.components(separatedBy: "\n").enumerated())[...]
        while let (index, line) = lines.popFirst() {
            let number = index + 1
            if line.isEmpty || line.hasPrefix("#") { continue }
            let words = line.split(separator: " ", maxSplits: 2).map(String.init)
            switch words.first {
            case "$":
                steps.append((number, .run(String(line.dropFirst(2)), output: [], error: [], code: 0)))
            case ">", "!", "?":
                try Self.expect(line, number, &steps)
            case "&" where words.count == 3:
                steps.append((number, .start(name: words[1], command: words[2])))
            case "kill" where words.count == 3:
                let rest = words[2].split(separator: " ").map(String.init)
                guard rest.count == 2 else { throw Malformed(description: "line \(number): \(line)") }
                steps.append((number, .kill(name: words[1], signal: rest[0], code: Int32(rest[1]))))
            case "hup" where words.count == 3:
                steps.append((number, .hangUp(name: words[1], pattern: words[2])))
            case "file" where words.count == 2:
                var content: [String] = []
                while let (_, next) = lines.popFirst(), next != "end" { content.append(next) }
                steps.append((number, .file(name: words[1], text: content.joined(separator: "\n") + "\n")))
            default:
                throw Malformed(description: "line \(number): \(line)")
            }
        }
        self.steps = steps
    }

    private static func expect(_ line: String, _ number: Int, _ steps: inout [(line: Int, step: Step)]) throws {
        guard let last = steps.popLast(), case .run(let command, var output, var error, var code) = last.step else {
            throw Malformed(description: "line \(number): nothing was run before")
        }
        let rest = String(line.dropFirst(2))
        switch line.first {
        case ">": output.append(rest)
        case "!": error.append(rest)
        default:
            guard let number = Int32(rest) else { throw Malformed(description: "line \(number): no exit code") }
            code = number
        }
        steps.append((last.line, .run(command, output: output, error: error, code: code)))
    }
}

/// Matching what was printed against what is expected.
enum Pattern {
    /// What differs, in words; nil if everything is as expected.
    static func difference(_ printed: String, _ expected: [String], _ stream: String) -> String? {
        var lines = printed.components(separatedBy: "\n")
        if lines.last == "" { lines.removeLast() }
        if matches(lines[...], expected[...]) { return nil }
        return "\(stream) has:\n\(lines.joined(separator: "\n"))\nexpected:\n\(expected.joined(separator: "\n"))"
    }

    private static func matches(_ lines: ArraySlice<String>, _ expected: ArraySlice<String>) -> Bool {
        guard let pattern = expected.first else { return lines.isEmpty }
        let rest = expected.dropFirst()
        guard pattern == "..." else {
            guard let line = lines.first, isLike(line, pattern) else { return false }
            return matches(lines.dropFirst(), rest)
        }
        return (lines.startIndex...lines.endIndex).contains { matches(lines[$0...], rest) }
    }

    /// Whether a line is like a pattern, in which `*` stands for any characters.
    static func isLike(_ line: String, _ pattern: String) -> Bool {
        let parts = pattern.components(separatedBy: "*")
        guard parts.count > 1 else { return line == pattern }
        guard line.hasPrefix(parts[0]) else { return false }
        var rest = line.dropFirst(parts[0].count)
        for part in parts[1..<(parts.count - 1)] where !part.isEmpty {
            guard let found = rest.range(of: part) else { return false }
            rest = rest[found.upperBound...]
        }
        return rest.hasSuffix(parts[parts.count - 1])
    }
}
