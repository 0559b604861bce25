import Foundation
import FuzzTargets
import Testing

/// Inputs that were made to exhaust a decoder's stack, on threads with a stack of 512 KiB: for every decoder there is.
@Suite struct HostileInputTests {
    /// What is repeated, and what stands before and behind it.
    private static let patterns: [(before: String, unit: String, after: String)] = [
        ("", "(", ""), ("", "[", ""), ("", "{", ""), ("", "\"", ""), ("", "\\", ""), ("", "/", ""), ("", "@a", ""),
        ("", "!", ""), ("", "-", ""), ("", "a::", ""), ("", "a.", ""), ("", "{\"a\":", ""), ("", "[[],", ""),
        ("[", "[],", "[]]"), ("{", "\"a\":0,", "\"b\":0}"), ("", "\n", ""), ("", "\r\n", ""), ("", "\u{0}", ""),
        ("", "\u{FF}", ""), ("", "0", ""), ("", "Set<", ""), ("", "if true then ", ""), ("", "true && (", ""),
        ("permit(principal,action,resource) when {", "(", "true};"),
        ("permit(principal,action,resource) when {", "[", "1};"),
        ("permit(principal,action,resource) when {", "!(", "true};"),
        ("permit(principal,action,resource) when { context", ".a", "};"),
        ("permit(principal,action,resource) when { true", " && true", "};"),
        ("type T = ", "{a: ", ";"), ("", "type T = Long;", ""), ("", "permit(principal,action,resource);", ""),
        ("GET / HTTP/1.1\r\n", "a: b\r\n", "\r\n"), ("@", "@{}\n", ""), ("https://", "%41", ""), ("/", "../", ""),
    ]

    private static func input(_ pattern: (before: String, unit: String, after: String), bytes: Int) -> [UInt8] {
        let unit = Array(pattern.unit.utf8)
        var input = Array(pattern.before.utf8)
        input.reserveCapacity(bytes + 64)
        while input.count < bytes { input += unit }
        return input + Array(pattern.after.utf8)
    }

    @Test(arguments: FuzzTarget.all.map(\.name)) func deepAndLongInputsNeedLittleStack(name: String) throws {
        let target = try #require(FuzzTarget.named(name))
        for pattern in Self.patterns {
            for bytes in [2_000, 20_000] {
                let input = Self.input(pattern, bytes: bytes)
                let failure = Self.onSmallStack { () throws(FuzzFailure) in try target.runWhole(input) }
                #expect(failure == nil, "\(pattern.unit.debugDescription) \(bytes)")
            }
        }
    }

    @Test(arguments: ["(", "[", "{", "\"", "!", "a.", "[1,", "{a:", "//"])
    func oneBracketAgainAndAgainIsRefusedOrRead(unit: String) throws {
        let input = Self.input(("", unit, ""), bytes: 256 << 10)
        for name in ["policies", "formatter", "policies-json", "schema", "schema-json", "json-file"] {
            let target = try #require(FuzzTarget.named(name))
            #expect(Self.onSmallStack { () throws(FuzzFailure) in try target.runWhole(input) } == nil, "\(name)")
        }
    }

    /// Runs the body on a thread of its own with a small stack, and gives what failed.
    private static func onSmallStack(_ body: @escaping @Sendable () throws(FuzzFailure) -> Void) -> String? {
        let done = DispatchSemaphore(value: 0)
        let box = Box()
        let thread = Thread {
            do throws(FuzzFailure) { try body() } catch { box.failure = error.description }
            done.signal()
        }
        thread.stackSize = 512 << 10
        thread.start()
        done.wait()
        return box.failure
    }

    /// Carries a failure out of a thread; the semaphore orders its only write before its only read.
    private final class Box: @unchecked Sendable {
        var failure: String?
    }
}
