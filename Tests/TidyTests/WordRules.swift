// Words that may not stand in the code.

/// A word that may not stand somewhere, and why.
struct BannedWord: Sendable {
    /// What is looked for, in code without comments and strings.
    let pattern: Pattern
    /// Why.
    let reason: String

    init(_ pattern: String, _ reason: String) {
        self.pattern = Pattern(pattern)
        self.reason = reason
    }

    /// Looks for words in a source.
    static func findings(of words: [BannedWord], rule: Rule, in file: SourceFile) -> [Finding] {
        let words = words.filter { $0.pattern.occurs(in: file.swift.wholeCode) }
        guard !words.isEmpty else { return [] }
        return file.swift.code.enumerated().flatMap { index, code in
            words.flatMap { word in
                word.pattern.matches(in: code).map { match in
                    let found = match[0].trimmingPrefix(while: \.isWhitespace)
                    let message = "`\(found)`: \(word.reason)"
                    return Finding(rule: rule, path: file.path, line: index + 1, message: message)
                }
            }
        }
    }
}

/// The pure floors have no clock, randomness, locale, environment or I/O: these come in as parameters.
enum PurityRule {
    /// The highest floor that is pure.
    static let floorMax = 2

    /// Checks one source of the product.
    static func findings(in file: SourceFile) -> [Finding] {
        guard file.parts.first == "Sources", let target = file.target, let floor = LayerRule.floors[target],
            floor <= floorMax
        else { return [] }
        // Without a C module in sight, `read(…)` or `time(…)` can only be a function of our own.
        let seesC = LayerRule.imports(of: file).contains {
            $0.module == "Glibc" || LayerRule.floors[$0.module] == 0 && $0.module != "Bytes"
        }
        return BannedWord.findings(of: seesC ? words + systemCalls : words, rule: .purity, in: file)
    }

    private static let words = [
        BannedWord(#"\bDate\("#, "no clock"),
        BannedWord(#"\b(?:ContinuousClock|SuspendingClock|DispatchTime)\b"#, "no clock"),
        BannedWord(#"\.random\(|\bSystemRandomNumberGenerator\b|\.shuffled?\(\)|\.randomElement\(\)"#, "no randomness"),
        BannedWord(#"\bHasher\("#, "its seed differs in every process"),
        BannedWord(#"\bCommandLine\b|\bProcessInfo\b"#, "no environment"),
        BannedWord(#"\bLocale\b|\bsetlocale\b"#, "no locale"),
        BannedWord(#"\b(?:print|debugPrint|dump|readLine)\("#, "no input or output"),
        BannedWord(#"\bTask(?:\.detached)?\s*\{|\bpthread_create\b"#, "no concurrency"),
    ]

    private static let systemCalls = [
        BannedWord(
            #"\b(?:clock_gettime|gettimeofday|nanosleep|usleep|localtime_r|gmtime_r)\b|(?<![\w.])time\("#,
            "no clock"
        ),
        BannedWord(
            #"\b(?:RAND_\w+|randombytes\w*|arc4random\w*|getrandom|getentropy"#
                + #"|crypto_(?!\w*seed)\w+_keypair|crypto_\w+_keygen)\("#,
            "no randomness"
        ),
        BannedWord(#"\b(?:getenv|secure_getenv|setenv|environ)\b"#, "no environment"),
        BannedWord(
            #"(?<![\w.])(?<!func )(?:open|openat|read|pread|readv|write|pwrite|pwritev|writev|close|fopen|fread|fwrite"#
                + #"|fputs|printf|puts|fsync|fdatasync|socket|connect|accept|send|recv|sendmsg|recvmsg|mmap|stat|fstat"#
                + #"|unlink|rename|system|popen|exit|abort)\("#,
            "no input or output"
        ),
    ]
}

/// No operator that turns an absence into a crash.
enum ForceRule {
    /// Checks one source of the product or its measurements.
    static func findings(in file: SourceFile) -> [Finding] {
        guard let folder = file.parts.first, ["Sources", "Benchmarks", "Fuzz"].contains(folder) else { return [] }
        return BannedWord.findings(of: words, rule: .force, in: file)
    }

    private static let words = [
        BannedWord(#"\btry!"#, "handle the error"),
        BannedWord(#"\bas!"#, "handle the other type"),
        BannedWord(#"\bfatalError\b"#, "not permitting is a value"),
        BannedWord(#"\bunsafelyUnwrapped\b"#, "handle the absence"),
        // A postfix `!`: after a name, a bracket or a quote, and not the beginning of `!=`.
        BannedWord(#"(?:(?<!\btry)(?<!\bas)(?<=\w)|(?<=[)\]}>"`?]))!(?!=)"#, "handle the absence"),
    ]
}

/// No way around access control, and no unstable attribute.
enum AttributeRule {
    /// Checks one Swift source.
    static func findings(in file: SourceFile) -> [Finding] {
        BannedWord.findings(of: words, rule: .attributes, in: file)
    }

    private static let words = [
        BannedWord(#"@testable\b"#, "`package` access does"),
        BannedWord(#"@_\w+"#, "not a stable part of the language"),
    ]
}

/// No mark without an issue.
enum MarkRule {
    /// Checks one file; in Swift only its comments, elsewhere every line.
    static func findings(in file: SourceFile) -> [Finding] {
        let lines = file.path.hasSuffix(".swift") ? file.swift.comments : file.lines
        guard mark.occurs(in: file.text) else { return [] }
        return lines.enumerated().compactMap { index, line in
            mark.matches(in: line).first.map {
                let message = "`\($0[0])` without an issue: write `TODO(#123)` or do it"
                return Finding(rule: .marks, path: file.path, line: index + 1, message: message)
            }
        }
    }

    private static let mark = Pattern(#"\bTODO\b(?!\(#\d+\))|\b(?:FIXME|XXX|HACK)\b"#)
}
