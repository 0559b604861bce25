private import CSodium

/// Secret bytes in memory of their own: never swapped where the system allows, never in a core dump, behind guard
/// pages, and wiped when they go away.
///
/// They cannot be printed or compared, and no copy is handed out: only a borrowed view. Read-only once made, so that
/// several threads may read at once.
@safe package final class SecretBytes: Sendable {
    private nonisolated(unsafe) let memory: UnsafeMutableRawPointer

    /// How many bytes there are.
    package let count: Int

    /// The most bytes that one secret may have: keys and key files are far smaller.
    package static let byteCountMax = 4_096

    /// Makes room for `count` bytes and lets `fill` write them.
    ///
    /// - Parameters:
    ///   - count: From 1 to ``byteCountMax`` bytes.
    ///   - fill: Gets the address of `count` zero bytes.
    /// - Throws: ``KeyError/secretLength`` for another count, ``KeyError/memoryUnavailable`` when the system has none
    ///   to give, and what `fill` throws.
    package init(count: Int, fill: (UnsafeMutablePointer<UInt8>) throws(KeyError) -> Void) throws(KeyError) {
        guard (1...Self.byteCountMax).contains(count) else { throw .secretLength }
        guard Sodium.isReady, let memory = unsafe sodium_malloc(count) else { throw .memoryUnavailable }
        unsafe self.memory = memory
        self.count = count
        unsafe sodium_memzero(memory, count)
        try unsafe fill(memory.assumingMemoryBound(to: UInt8.self))
        guard unsafe sodium_mprotect_readonly(memory) == 0 else { throw .memoryUnavailable }
    }

    deinit {
        // Wipes, unlocks and unmaps.
        unsafe sodium_free(memory)
    }

    /// Makes a secret of bytes that lie elsewhere; wiping them there is the caller's duty.
    ///
    /// - Throws: ``KeyError/secretLength`` unless there are from 1 to ``byteCountMax`` bytes,
    ///   ``KeyError/memoryUnavailable``.
    package convenience init(copying bytes: UnsafeRawBufferPointer) throws(KeyError) {
        try unsafe self.init(count: bytes.count) { memory throws(KeyError) in
            unsafe UnsafeMutableRawBufferPointer(start: memory, count: bytes.count).copyMemory(from: bytes)
        }
    }

    /// Lends the bytes; the view MUST NOT be kept or copied into ordinary memory.
    package func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try unsafe body(UnsafeRawBufferPointer(start: memory, count: count))
    }

    /// Lends the address of the first byte.
    func withUnsafePointer<Result, Failure: Error>(
        _ body: (UnsafePointer<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try unsafe body(UnsafePointer(memory.assumingMemoryBound(to: UInt8.self)))
    }
}

/// libsodium, which has to be started once before anything else of it is used.
enum Sodium {
    /// Whether the library started.
    static let isReady: Bool = sodium_init() >= 0
}
