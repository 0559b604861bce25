// Signals to the gateway are the command's.

import CSystem
import Glibc
import Runtime
import Synchronization

/// Catches the signals that are meant for the command while it runs.
///
/// Only signals that a process sent are passed on: those of the terminal reach the whole foreground group by
/// themselves.
struct SignalRelay {
    /// Becomes readable when a signal is there.
    let descriptor: Int32
    private let writeEnd: Int32
    private let previous: [(Int32, sigaction)]

    private static let signals = [SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2]

    /// Where the handler writes; one relay at a time, -1 for none.
    private static let target = Atomic<Int32>(-1)

    init() throws(SystemError) {
        var ends: [Int32] = [-1, -1]
        guard unsafe writ_pipe(&ends) == 0 else { throw SystemError("make a pipe", number: writ_errno()) }
        descriptor = ends[0]
        writeEnd = ends[1]
        _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
        _ = fcntl(ends[1], F_SETFL, O_NONBLOCK)
        Self.target.store(ends[1], ordering: .sequentiallyConsistent)
        var previous: [(Int32, sigaction)] = []
        for signal in Self.signals {
            var action = sigaction()
            var old = sigaction()
            unsafe action.__sigaction_handler.sa_sigaction = { number, info, _ in
                guard let info = unsafe info, unsafe info.pointee.si_code <= 0 else { return }
                let saved = errno
                var byte = UInt8(truncatingIfNeeded: number)
                _ = unsafe write(SignalRelay.target.load(ordering: .sequentiallyConsistent), &byte, 1)
                errno = saved
            }
            action.sa_flags = SA_SIGINFO | SA_RESTART
            guard unsafe sigaction(signal, &action, &old) == 0 else { continue }
            previous.append((signal, old))
        }
        self.previous = previous
    }

    /// The signals that came since the last call, in their order.
    func received() -> [Int32] {
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = unsafe bytes.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
        return count > 0 ? bytes.prefix(count).map { Int32($0) } : []
    }

    /// Gives the signals back.
    func end() {
        for (signal, old) in previous {
            var old = old
            _ = unsafe sigaction(signal, &old, nil)
        }
        Self.target.store(-1, ordering: .sequentiallyConsistent)
        close(descriptor)
        close(writeEnd)
    }
}
