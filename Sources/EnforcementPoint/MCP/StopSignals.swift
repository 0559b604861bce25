// Signals that end a listener, so that it leaves no socket and no server behind.

import Glibc
import Synchronization

/// Catches SIGTERM and SIGINT once each, and ends listening on a socket; one listener per process.
struct StopSignals {
    /// The listening socket; -1 for none.
    private static let target = Atomic<Int32>(-1)
    private static let wasCaught = Atomic<Bool>(false)

    init(stopping descriptor: Int32) {
        Self.target.store(descriptor, ordering: .sequentiallyConsistent)
        for signal in [SIGTERM, SIGINT] {
            var action = sigaction()
            unsafe action.__sigaction_handler.sa_handler = { _ in
                let saved = errno
                StopSignals.wasCaught.store(true, ordering: .sequentiallyConsistent)
                // Safe in a handler (signal-safety(7)); whoever waits in `accept` is told that nothing more comes.
                shutdown(StopSignals.target.load(ordering: .sequentiallyConsistent), Int32(SHUT_RDWR))
                errno = saved
            }
            // The second signal finds the default, and ends a process that takes too long.
            action.sa_flags = SA_RESTART | Int32(truncatingIfNeeded: SA_RESETHAND)
            _ = unsafe sigaction(signal, &action, nil)
        }
        // Whoever started this process may have blocked them, as threads of pools do; a mask is inherited.
        var mask = sigset_t()
        unsafe sigemptyset(&mask)
        for signal in [SIGTERM, SIGINT] { unsafe sigaddset(&mask, signal) }
        unsafe pthread_sigmask(SIG_UNBLOCK, &mask, nil)
    }

    /// Whether a signal came.
    var hasStopped: Bool { Self.wasCaught.load(ordering: .sequentiallyConsistent) }
}
