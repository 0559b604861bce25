import Foundation
import Runtime
import Testing

@Suite("Child processes")
struct ChildProcessTests {
    private func shell(_ script: String) -> ChildCommand {
        var command = ChildCommand(.path("/bin/sh"), arguments: ["sh", "-c", script])
        command.output = .pipe
        return command
    }

    private func output(_ command: ChildCommand) throws -> (String, ChildExit?) {
        let child = try ChildProcess(starting: command)
        let text = try read(child.takeOutput())
        return (text, try child.wait(deadlineMonotonicNanoseconds: deadline(5_000)))
    }

    private func read(_ descriptor: consuming FileDescriptor?) throws -> String {
        guard let descriptor else {
            return ""
        }
        var all: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while true {
            let count = try unsafe buffer.withUnsafeMutableBytes { try unsafe descriptor.read(into: $0) }
            if count == 0 {
                return String(decoding: all, as: UTF8.self)
            }
            all += buffer[..<count]
        }
    }

    @Test func environmentIsExactlyWhatWasGiven() throws {
        var command = ChildCommand(.path("/usr/bin/env"), arguments: ["env"])
        command.output = .pipe
        command.environment = ["B=2", "A=1 x"]
        let (text, exit) = try output(command)
        #expect(text == "B=2\nA=1 x\n")
        #expect(exit == .exited(code: 0))
    }

    @Test func directoryIsTheOneThatWasGiven() throws {
        var command = shell("pwd -P")
        command.directory = "/usr/bin"
        #expect(try output(command).0 == "/usr/bin\n")
    }

    @Test func nothingElseIsInherited() throws {
        let secret = try FileDescriptor(opening: "/etc/passwd", .read)
        let plain = dup(secret.number)
        defer { close(plain) }
        #expect(try output(shell("echo /proc/self/fd/*")).0.split(separator: " ").count <= 4)
        let (text, _) = try output(shell("ls -l /proc/$$/fd"))
        #expect(!text.contains("passwd"))
        #expect(!text.contains("socket"))
    }

    @Test func inputReachesTheChild() throws {
        var command = ChildCommand(.path("/bin/cat"), arguments: ["cat"])
        command.input = .pipe
        command.output = .pipe
        let child = try ChildProcess(starting: command)
        do {
            let taken = child.takeInput()
            guard let input = consume taken else {
                Issue.record("there is no pipe to the child")
                return
            }
            try input.writeAll(Array("line\n".utf8))
        }
        #expect(try read(child.takeOutput()) == "line\n")
        #expect(try child.wait() == .exited(code: 0))
        #expect(try read(child.takeOutput()).isEmpty)
    }

    @Test func codesAndSignalsAreTold() throws {
        #expect(try output(shell("exit 7")).1 == .exited(code: 7))
        #expect(try output(shell("kill -9 $$")).1 == .signalled(number: 9))
    }

    @Test func programThatCannotRunIsAnError() throws {
        for path in ["/nowhere/at/all", "/etc/passwd", "/etc", "sh"] {
            #expect(throws: SystemError.self) {
                _ = try ChildProcess(starting: ChildCommand(.path(path), arguments: ["x"]))
            }
        }
        #expect(throws: SystemError.self) {
            _ = try ChildProcess(starting: ChildCommand(.path("/bin/true"), arguments: []))
        }
        #expect(throws: SystemError.self) {
            _ = try ChildProcess(starting: ChildCommand(.path("/bin/true"), arguments: ["a\0b"]))
        }
    }

    @Test func openedFileRunsWhateverItsPathNowHolds() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/script"
        try Files.create(path, with: Array("#!/bin/sh\necho first $1\n".utf8), permissions: 0o700)
        let opened = try FileDescriptor(opening: path, .read)
        try Files.replace(path, with: Array("#!/bin/sh\necho second\n".utf8), permissions: 0o700)
        var command = ChildCommand(.descriptor(opened.number), arguments: ["script", "argument"])
        command.output = .pipe
        #expect(try output(command).0 == "first argument\n")
        command.program = .path(path)
        #expect(try output(command).0 == "second\n")
        let binary = try FileDescriptor(opening: "/bin/echo", .read)
        command.program = .descriptor(binary.number)
        #expect(try output(command).0 == "argument\n")
    }

    @Test func waitingEndsAtItsDeadlineAndTheGroupCanBeEnded() throws {
        let child = try ChildProcess(starting: shell("trap '' TERM; sleep 60 & wait; sleep 60"))
        #expect(try child.wait(deadlineMonotonicNanoseconds: deadline(50)) == nil)
        #expect(try child.terminate(graceMilliseconds: 100) == .signalled(number: SIGKILL))
        #expect(try child.wait() == .signalled(number: SIGKILL))
        // The pipe ends only when every process of the group has ended.
        #expect(try read(child.takeOutput()).isEmpty)
        child.signal(SIGKILL)
    }

    @Test func politeChildEndsByItsSignal() throws {
        let child = try ChildProcess(starting: ChildCommand(.path("/bin/sleep"), arguments: ["sleep", "60"]))
        #expect(try child.terminate(graceMilliseconds: 5_000) == .signalled(number: SIGTERM))
    }

    @Test func loopIsToldOfTheEnd() throws {
        let loop = try EventLoop()
        let found = Guarded<ChildExit?>(nil)
        let child = try ChildProcess(starting: shell("exit 3"))
        _ = try child.onExit(loop) { exit in
            found.withLock { $0 = exit }
            loop.stop()
        }
        try loop.schedule(afterMilliseconds: 5_000) { loop.stop() }
        loop.run()
        #expect(found.withLock { $0 } == .exited(code: 3))
    }
}
