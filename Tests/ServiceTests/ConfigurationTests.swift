import Bytes
import Service
import Testing

@Suite struct ConfigurationTests {
    private static let home = Home("/srv/gate", workingDirectory: "/")
    private static let base = #""origin":"test/1","policies":{"unsigned":true}"#

    private func read(_ text: String, _ flags: [String] = []) throws -> Configuration {
        let serve = CommandSpecification(
            "serve",
            "run",
            flags: ConfigurationMember.allCases.map(\.flag),
            examples: ["writ serve"]
        )
        return try Configuration(
            parsing: Array(text.utf8),
            home: Self.home,
            flags: try ParsedArguments(flags, for: serve)
        )
    }

    @Test func whatIsNotSaidHasItsDefault() throws {
        let configuration = try read("{\(Self.base)}")
        #expect(configuration.origin == "test/1")
        #expect(configuration.socketPath == "/srv/gate/gate.sock")
        #expect(configuration.socketMode == 0o660)
        #expect(configuration.address == nil)
        #expect(configuration.policiesDirectory == "/srv/gate/policies")
        #expect(configuration.logDirectory == "/srv/gate/log")
        #expect(!configuration.isLogPublic)
        #expect(configuration.operators == [])
        #expect(configuration.connectionsMax == 4_096)
        #expect(configuration.commitMilliseconds == 1_000)
    }

    @Test func everyMemberIsRead() throws {
        let configuration = try read(
            #"""
            {"origin":"test/1","listen":{"unix":"/run/gate.sock","mode":"0600","tcp":"[::1]:80"},
             "policies":{"directory":"rules","unsigned":true},"log":{"directory":"/var/log/writ","public":true},
             "keys":{"log":"k/a","claims":"k/b"},"operators":[{"uid":7},{"uid":0}],
             "limits":{"connections":9,"pending":8,"commit_milliseconds":7}}
            """#
        )
        #expect(configuration.socketPath == "/run/gate.sock")
        #expect(configuration.socketMode == 0o600)
        #expect(configuration.address?.description == "[::1]:80")
        #expect(configuration.policiesDirectory == "/srv/gate/rules")
        #expect(configuration.logDirectory == "/var/log/writ")
        #expect(configuration.isLogPublic)
        #expect(configuration.logKeyPath == "/srv/gate/k/a")
        #expect(configuration.claimsKeyPath == "/srv/gate/k/b")
        #expect(configuration.operators == [0, 7])
        #expect(configuration.connectionsMax == 9)
        #expect(configuration.pendingMax == 8)
        #expect(configuration.commitMilliseconds == 7)
    }

    @Test(arguments: [
        (#"{"origin":"a","orign":1}"#, "1:15", "did you mean `origin`?"),
        (#"{"listen":{"unix":"a","tpc":"b"}}"#, "1:23", "did you mean `tcp`? allowed here: `mode`, `tcp`, `unix`"),
        (#"{"limits":{"x":1}}"#, "1:12", "allowed here: `commit_milliseconds`, `connections`, `pending`"),
        (#"{"listen":7}"#, "1:2", "`listen` must be an object with `mode`, `tcp`, `unix`"),
        (#"{"origin":7}"#, "1:2", "`origin` must be a name of 1 to 255 bytes"),
        (#"{"origin":"a b"}"#, "1:2", "`origin` must be a name"),
        (#"{"listen":{"tcp":"0.0.0.0:1"}}"#, "1:12", "`listen.tcp` must be a loopback address"),
        (#"{"listen":{"tcp":"127.0.0.1:65536"}}"#, "1:12", "`listen.tcp` must be a loopback address"),
        (#"{"listen":{"tcp":"127.0.0.1:080"}}"#, "1:12", "`listen.tcp` must be a loopback address"),
        (#"{"listen":{"tcp":"localhost:80"}}"#, "1:12", "`listen.tcp` must be a loopback address"),
        (#"{"listen":{"mode":"0888"}}"#, "1:12", "`listen.mode` must be permissions"),
        (#"{"listen":{"mode":"1777"}}"#, "1:12", "`listen.mode` must be permissions"),
        (#"{"listen":{"mode":432}}"#, "1:12", "`listen.mode` must be permissions"),
        (#"{"listen":{"unix":""}}"#, "1:12", "`listen.unix` must be a path"),
        (#"{"log":{"public":"yes"}}"#, "1:9", "`log.public` must be `true` or `false`"),
        (#"{"operators":[{"uid":-1}]}"#, "1:2", "`operators` must be a list of users"),
        (#"{"operators":[{"uid":1},{"uid":1}]}"#, "1:2", "`operators` must be a list of users"),
        (#"{"operators":[{"uid":1,"name":"x"}]}"#, "1:2", "`operators` must be a list of users"),
        (#"{"limits":{"connections":0}}"#, "1:12", "`limits.connections` must be an integer from 1 to 65536"),
        (#"{"limits":{"connections":65537}}"#, "1:12", "`limits.connections` must be an integer from 1 to 65536"),
        (#"{"limits":{"commit_milliseconds":1.5}}"#, "1:12", "`limits.commit_milliseconds` must be an integer"),
        (#"{"origin":"a","origin":"b"}"#, "1:15", "duplicate member `origin`"),
        ("{\n \"origin\": \"a\",\n", "3:1", "the text ends too early"),
        ("[]", "1:1", "the file must be an object"),
    ])
    func whatIsWrongIsToldWithItsPlace(text: String, place: String, message: String) {
        #expect {
            try read(text)
        } throws: { error in
            let words = "\(error)"
            return words.hasPrefix("error[") && words.contains(message)
                && words.contains(" --> /srv/gate/writ.json:\(place)\n")
        }
    }

    @Test func everythingThatIsWrongIsTold() {
        #expect {
            try read(#"{"a":1,"b":2,"log":{"c":3}}"#)
        } throws: { error in
            ["`a`", "`b`", "`c`"].allSatisfy { "\(error)".contains("unknown member \($0)") }
        }
    }

    @Test(arguments: [
        (#"{"policies":{"unsigned":true}}"#, "does not say `origin`"),
        (#"{"origin":"test/1"}"#, "must be switched on"),
        (#"{"origin":"test/1","policies":{"unsigned":false}}"#, "must be switched on"),
    ])
    func whatMustBeSaidIsDemanded(text: String, message: String) {
        #expect {
            try read(text)
        } throws: {
            "\($0)".contains(message)
        }
    }

    @Test func everyMemberHasAFlagOfItsOwn() {
        let names = ConfigurationMember.allCases.map(\.flag.name)
        #expect(Set(names).count == ConfigurationMember.allCases.count)
        #expect(names.allSatisfy { $0.hasPrefix("--") && !$0.contains("_") && !$0.contains(".") })
    }

    @Test func aFlagWinsOverTheFile() throws {
        let text = "{\(Self.base),\"operators\":[{\"uid\":1}]}"
        let configuration = try read(
            text,
            [
                "--origin=test/2", "--listen-unix", "s", "--listen-mode", "0666", "--listen-tcp=127.0.0.1:0",
                "--policies-directory", "/p", "--policies-unsigned", "--log-directory", "l", "--log-public",
                "--keys-log=a", "--keys-claims=b", "--operators-uid", "5", "--operators-uid=4",
                "--limits-connections=2", "--limits-pending=3", "--limits-commit-milliseconds=4",
            ]
        )
        #expect(configuration.origin == "test/2")
        #expect(configuration.socketPath == "/srv/gate/s")
        #expect(configuration.socketMode == 0o666)
        #expect(configuration.address == LoopbackAddress("127.0.0.1:0"))
        #expect(configuration.policiesDirectory == "/p")
        #expect(configuration.logDirectory == "/srv/gate/l")
        #expect(configuration.isLogPublic)
        #expect(configuration.operators == [4, 5])
        #expect(configuration.connectionsMax == 2)
        #expect(configuration.pendingMax == 3)
        #expect(configuration.commitMilliseconds == 4)
    }

    @Test(arguments: [
        ["--listen-tcp", "10.0.0.1:1"], ["--listen-mode", "rw"], ["--limits-pending", "0"], ["--origin", ""],
        ["--operators-uid", "root"], ["--operators-uid", "1", "--operators-uid", "1"], ["--limits-pending", "+5"],
    ])
    func aWrongFlagIsRefused(flags: [String]) {
        #expect(throws: ConfigurationError.self) { try read("{\(Self.base)}", flags) }
    }

    @Test func theDigestIsThatOfWhatIsInForce() throws {
        let plain = try read("{\(Self.base)}")
        #expect(try read("{\(Self.base),\"log\":{\"public\":false}}").digest == plain.digest)
        #expect(try read("{\(Self.base),\"log\":{\"public\":true}}").digest != plain.digest)
    }
}
