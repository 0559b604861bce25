#if LIBFUZZER
// The loop of libFuzzer, which coverage guides.

import CFuzzer
import FuzzTargets
import Glibc

/// libFuzzer with one target.
enum LibFuzzer {
    /// Set once, before the only thread that fuzzes begins.
    nonisolated(unsafe) private static var target: FuzzTarget?

    /// Runs until libFuzzer ends.
    static func run(_ target: FuzzTarget, _ options: [String]) -> Never {
        unsafe Self.target = target
        var count = CInt(options.count + 1)
        let words = unsafe (["writ-fuzz"] + options).map { unsafe strdup($0) } + [nil]
        let list = unsafe UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: words.count)
        unsafe list.initialize(from: words, count: words.count)
        var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = unsafe list
        let status = unsafe LLVMFuzzerRunDriver(&count, &arguments) { bytes, size in
            let input = unsafe [UInt8](UnsafeBufferPointer(start: bytes, count: size))
            do throws(FuzzFailure) {
                try unsafe LibFuzzer.target?.run(input)
            } catch {
                print("property: \(error)")
                abort()
            }
            return 0
        }
        exit(status)
    }
}
#endif
