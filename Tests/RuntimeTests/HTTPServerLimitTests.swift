import Foundation
import HTTP
import Runtime
import Testing

@Suite("Limits and end of the HTTP server", .serialized)
struct HTTPServerLimitTests {
    private func quick() -> HTTPServerLimits {
        var limits = HTTPServerLimits()
        limits.headTimeoutMilliseconds = 200
        limits.bodyTimeoutMilliseconds = 200
        limits.idleTimeoutMilliseconds = 200
        limits.writeStallMilliseconds = 200
        limits.lingerMilliseconds = 100
        limits.sweepMilliseconds = 20
        return limits
    }

    @Test func slowHeadIsCutOff() throws {
        let harness = try ServerHarness(quick())
        let socket = try RawSocket(port: harness.port)
        socket.write("GET / HTTP/1.1\r\n")
        #expect(socket.read().hasPrefix("HTTP/1.1 408"))
    }

    @Test func slowBodyIsCutOff() throws {
        let harness = try ServerHarness(quick())
        let socket = try RawSocket(port: harness.port)
        socket.write("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nab")
        #expect(socket.read().hasPrefix("HTTP/1.1 408"))
    }

    @Test func bodyBelowTheSlowestRateIsCutOff() throws {
        var limits = quick()
        limits.bodyTimeoutMilliseconds = 60_000
        limits.bodyGraceMilliseconds = 100
        let harness = try ServerHarness(limits)
        let socket = try RawSocket(port: harness.port)
        socket.write("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9000\r\n\r\nab")
        #expect(socket.read().hasPrefix("HTTP/1.1 408"))
    }

    @Test func silentAndIdleConnectionsAreClosedWithoutAWord() throws {
        let harness = try ServerHarness(quick())
        let silent = try RawSocket(port: harness.port)
        #expect(silent.read().isEmpty)
        let idle = try RawSocket(port: harness.port)
        idle.write("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx")
        #expect(idle.read().hasSuffix("\r\n\r\nx"))
    }

    @Test func handlerMayTakeLongerThanAnyClient() throws {
        let harness = try ServerHarness(quick())
        let socket = try RawSocket(port: harness.port)
        socket.write("GET /hold HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        usleep(500_000)
        let exchange = try #require(harness.handler.held.withLock { $0.first })
        harness.server.reply(to: exchange, ResponseOptions(status: .ok), body: [0x79])
        #expect(socket.read().hasSuffix("\r\n\r\ny"))
    }

    @Test func clientThatDoesNotReadIsCutOffAndHoldsNobodyUp() throws {
        let harness = try ServerHarness(quick())
        let stalled = try RawSocket(port: harness.port)
        stalled.write("GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try harness.tcp.ask("/echo", "x") == (200, "x"))
        usleep(600_000)
        #expect(stalled.read().utf8.count < 8 << 20)
    }

    @Test func clientThatAsksWithoutReadingCannotFillTheMemory() throws {
        let harness = try ServerHarness()
        let greedy = try RawSocket(port: harness.port)
        let before = residentBytes()
        for _ in 0..<40 {
            greedy.write("GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
        }
        usleep(300_000)
        #expect(try harness.tcp.ask("/echo", "x") == (200, "x"))
        #expect(harness.handler.seen.withLock { $0.count(where: { $0 == "/large" }) } <= 2)
        #expect(residentBytes() - before < 64 << 20)
    }

    @Test func connectionsAreCounted() throws {
        var limits = HTTPServerLimits()
        limits.connectionsMax = 3
        let harness = try ServerHarness(limits)
        let clients = [harness.tcp, harness.unix, harness.tcp]
        for client in clients {
            #expect(try client.ask("/echo", "x").0 == 200)
        }
        let extra = try RawSocket(port: harness.port)
        #expect(extra.read().hasPrefix("HTTP/1.1 503"))
        clients[0].close()
        #expect(eventually { (try? harness.tcp.ask("/echo", "x"))?.0 == 200 })
        #expect(try clients[1].ask("/echo", "y") == (200, "y"))
    }

    @Test func slowClientsDoNotDelayOthersAndIdleOnesCostLittle() throws {
        let harness = try ServerHarness()
        _ = try harness.tcp.ask("/echo", "x")
        let before = residentBytes()
        let idle = try (0..<1_000).map { _ in
            let socket = try RawSocket(port: harness.port)
            socket.write("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx")
            return socket
        }
        #expect(eventually { harness.handler.seen.withLock { $0.count } == 1_001 })
        let slow = try (0..<200).map { _ in
            let socket = try RawSocket(port: harness.port)
            socket.write("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nx")
            return socket
        }
        let cost = residentBytes() - before
        #expect(cost < 10 << 20, "1,000 idle and 200 slow connections cost \(cost) bytes")
        let client = harness.tcp
        let start = SystemTime().monotonicNanoseconds()
        for round in 0..<100 {
            #expect(try client.ask("/echo", "\(round)") == (200, "\(round)"))
        }
        #expect(SystemTime().monotonicNanoseconds() - start < 2_000_000_000)
        #expect(idle.count + slow.count == 1_200)
    }

    @Test func shutDownFinishesWhatIsInFlight() throws {
        let harness = try ServerHarness()
        let idle = harness.tcp
        #expect(try idle.ask("/echo", "x").0 == 200)
        let held = try RawSocket(port: harness.port)
        held.write("GET /hold HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(eventually { harness.handler.held.withLock { $0.count == 1 } })
        let isDone = Guarded(false)
        let loop = harness.loop
        let server = harness.server
        #expect(
            loop.post {
                try? server.shutDown(deadlineMilliseconds: 10_000) {
                    isDone.withLock { $0 = true }
                    loop.stop()
                }
            }
        )
        #expect(eventually { (try? RawSocket(port: harness.port)) == nil })
        #expect(throws: HTTPClientError.self) { try idle.ask("/echo", "x") }
        #expect(!isDone.withLock { $0 })
        let exchange = try #require(harness.handler.held.withLock { $0.first })
        server.reply(to: exchange, ResponseOptions(status: .ok), body: [0x79])
        #expect(held.read() == "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\ny")
        #expect(eventually { isDone.withLock { $0 } })
        #expect(try !Files.exists(harness.socketPath))
    }

    @Test func shutDownEndsAtItsDeadline() throws {
        let harness = try ServerHarness()
        let held = try RawSocket(port: harness.port)
        held.write("GET /hold HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(eventually { harness.handler.held.withLock { $0.count == 1 } })
        let isDone = Guarded(false)
        let server = harness.server
        #expect(
            harness.loop.post {
                try? server.shutDown(deadlineMilliseconds: 100) { isDone.withLock { $0 = true } }
            }
        )
        #expect(eventually { isDone.withLock { $0 } })
        #expect(held.read().isEmpty)
    }
}

@Suite("Listening")
struct ListenerTests {
    private func listen(_ path: String, permissions: UInt32 = 0o660) throws {
        let loop = try EventLoop()
        let server = try HTTPServer(on: loop, limits: HTTPServerLimits(), handler: PathHandler())
        defer {
            loop.stop()
            loop.run()
        }
        try server.listenUnix(path: path, permissions: permissions)
        let status = try Files.status(of: path)
        #expect(status.kind == .socket)
        #expect(status.permissions == permissions)
    }

    @Test("has the permissions that were asked for", arguments: [0o600, 0o660, 0o666] as [UInt32])
    func socketHasItsPermissions(permissions: UInt32) throws {
        let directory = try TemporaryDirectory()
        try listen(directory.path + "/s", permissions: permissions)
        #expect(try !Files.exists(directory.path + "/s"))
    }

    @Test func staleSocketIsReplaced() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/s"
        let number = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path.utf8) }
        let bound = unsafe withUnsafeBytes(of: &address) { bytes in
            unsafe bind(
                number,
                bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self),
                socklen_t(MemoryLayout<sockaddr_un>.size)
            )
        }
        #expect(bound == 0)
        close(number)
        try listen(path)
    }

    @Test func liveSocketIsLeftAlone() throws {
        let harness = try ServerHarness()
        let error = #expect(throws: SystemError.self) { try listen(harness.socketPath) }
        #expect(error?.name == "EADDRINUSE")
        #expect(try harness.unix.ask("/echo", "x") == (200, "x"))
    }

    @Test func fileThatIsNoSocketIsLeftAlone() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/s"
        try Files.create(path, with: [1])
        #expect(throws: SystemError.self) { try listen(path) }
        #expect(try Files.read(path, bytesMax: 1) == [1])
    }

    @Test func pathOfASocketIsBounded() throws {
        let directory = try TemporaryDirectory()
        let room = HTTPServer.unixPathBytesMax - directory.path.utf8.count - 1
        for (more, fits) in [(-1, true), (0, true), (1, false)] {
            let path = directory.path + "/" + String(repeating: "s", count: room + more)
            if fits {
                try listen(path)
            } else {
                let error = #expect(throws: SystemError.self) { try listen(path) }
                #expect(error?.name == "ENAMETOOLONG")
            }
        }
    }

    @Test func portInUseIsAnError() throws {
        let harness = try ServerHarness()
        let loop = try EventLoop()
        let server = try HTTPServer(on: loop, limits: HTTPServerLimits(), handler: PathHandler())
        #expect(throws: SystemError.self) { try server.listenTCP(address: "127.0.0.1", port: harness.port) }
        #expect(throws: SystemError.self) { try server.listenTCP(address: "localhost", port: 0) }
        #expect(try server.listenTCP(address: "::1", port: 0) > 0)
        loop.stop()
        loop.run()
    }
}

/// The resident memory of this process in bytes.
func residentBytes() -> Int {
    let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .ascii)) ?? ""
    let pages = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    return pages * 4_096
}
