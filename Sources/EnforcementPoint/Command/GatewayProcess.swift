// What a gateway does to its own process, so that nothing it starts can read its credential.

import Bytes
import Glibc
package import Runtime

/// The process of a gateway.
package enum GatewayProcess {
    /// Forbids other processes of the same user to read this one's memory and environment, and core dumps.
    ///
    /// What the gateway starts can be read again (the kernel decides anew with each program), but has no core dumps
    /// either.
    ///
    /// - Throws: When the kernel refuses; nothing may be started then.
    package static func harden() throws(SystemError) {
        try ProcessHardening.forbidCoreDumps()
    }

    /// Takes the token out of the environment, once it was read.
    ///
    /// The bytes that the kernel shows as `/proc/<pid>/environ` are overwritten, too. The caller's duty: no second
    /// thread may run yet, because the environment has no lock.
    package static func forgetToken() {
        guard let value = unsafe getenv(GateAddress.tokenVariable) else { return }
        unsafe explicit_bzero(value, strlen(value))
        _ = unsafe unsetenv(GateAddress.tokenVariable)
    }
}
