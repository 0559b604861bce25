import Service
import Testing

@Suite struct ArgumentTests {
    private let specification = CommandSpecification(
        "log query",
        "find statements",
        operands: "FILE",
        operandCount: 0...1,
        flags: [
            FlagSpecification("--actor", "NAME", short: "-a", says: "of this actor"),
            FlagSpecification("--policy", "NAME", repeatable: true, says: "of this policy"),
            FlagSpecification("--json", says: "answer in JSON"),
        ],
        examples: ["writ log query --actor ops-bot"]
    )

    @Test func bothSpellingsOfAFlagAreTheSame() throws {
        let apart = try ParsedArguments(["--actor", "ops-bot"], for: specification)
        #expect(try ParsedArguments(["--actor=ops-bot"], for: specification) == apart)
        #expect(apart.value("--actor") == "ops-bot")
        #expect(try ParsedArguments(["--actor=a=b"], for: specification).value("--actor") == "a=b")
    }

    @Test func aFlagOfOneLetterIsTheFlag() throws {
        let long = try ParsedArguments(["--actor", "ops-bot"], for: specification)
        #expect(try ParsedArguments(["-a", "ops-bot"], for: specification) == long)
        #expect(throws: ArgumentError.repeatedFlag("--actor")) {
            try ParsedArguments(["-a", "x", "--actor", "y"], for: specification)
        }
        #expect(throws: ArgumentError.unknownFlag("-b", suggestion: nil)) {
            try ParsedArguments(["-b", "x"], for: specification)
        }
    }

    @Test func repeatableFlagsKeepTheirOrder() throws {
        let arguments = try ParsedArguments(["--policy", "b", "--policy=a"], for: specification)
        #expect(arguments.values("--policy") == ["b", "a"])
    }

    @Test(arguments: [
        (["--actr", "x"], ArgumentError.unknownFlag("--actr", suggestion: "--actor")),
        (["--zzz"], .unknownFlag("--zzz", suggestion: nil)),
        (["--actor"], .missingValue(flag: "--actor")),
        (["--json=yes"], .unexpectedValue(flag: "--json")),
        (["--actor", "a", "--actor", "b"], .repeatedFlag("--actor")),
        (["--json", "--json"], .repeatedFlag("--json")),
        (["one", "two"], .unexpectedOperand("two")),
        (["--", "--actor", "x"], .unexpectedOperand("x")),
    ])
    func wrongWordsAreRefused(words: [String], expected: ArgumentError) {
        #expect(throws: expected) { try ParsedArguments(words, for: specification) }
    }

    @Test func afterTwoDashesEverythingIsAnOperand() throws {
        #expect(try ParsedArguments(["--", "--actor"], for: specification).operands == ["--actor"])
        #expect(try ParsedArguments(["-"], for: specification).operands == ["-"])
    }

    @Test func aCommandBehindTwoDashesIsKeptApart() throws {
        let exec = CommandSpecification("exec", "run", takesCommand: true, examples: ["writ exec -- true"])
        #expect(try ParsedArguments(["--", "ls", "--json"], for: exec).command == ["ls", "--json"])
        #expect(throws: ArgumentError.missingCommand) { try ParsedArguments(["--"], for: exec) }
        #expect(throws: ArgumentError.unexpectedOperand("ls")) { try ParsedArguments(["ls"], for: exec) }
    }

    @Test func theNumberOfWordsIsLimited() {
        let exec = CommandSpecification("exec", "run", takesCommand: true, examples: ["writ exec -- true"])
        let most = ["--"] + Array(repeating: "a", count: ParsedArguments.wordsMax - 1)
        #expect(throws: Never.self) { try ParsedArguments(most, for: exec) }
        #expect(throws: ArgumentError.tooManyWords(max: ParsedArguments.wordsMax)) {
            try ParsedArguments(most + ["a"], for: exec)
        }
    }

    @Test func helpWinsOverWhatFollows() throws {
        #expect(try ParsedArguments(["--help", "--nonsense"], for: specification).wantsHelp)
        #expect(try ParsedArguments(["-h"], for: specification).wantsHelp)
    }
}
