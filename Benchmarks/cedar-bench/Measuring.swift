// Clock, samples, threads and memory.

import Cedar
import Glibc
import Synchronization

/// The monotonic clock.
enum Clock {
    /// Nanoseconds now.
    @inline(__always)
    static func now() -> UInt64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }
}

/// Times in nanoseconds.
struct Samples {
    private var times: [UInt32] = []

    init(capacity: Int) { times.reserveCapacity(capacity) }

    var count: Int { times.count }

    mutating func add(_ time: UInt64, less overhead: UInt64) {
        times.append(UInt32(clamping: time > overhead ? time - overhead : 0))
    }

    /// The median of every request, from samples that were taken of all requests in turn.
    func medians(ofEach requests: Int) -> Samples {
        var medians = Samples(capacity: requests)
        for request in 0..<requests {
            let own = stride(from: request, to: times.count, by: requests).map { times[$0] }.sorted()
            if !own.isEmpty { medians.times.append(own[own.count / 2]) }
        }
        return medians
    }

    /// The time that a share of all stays within: the nearest rank.
    func quantile(_ share: Double) -> Double {
        guard !times.isEmpty else { return 0 }
        let rank = Int((share * Double(times.count)).rounded(.up))
        return Double(times.sorted()[min(max(rank, 1), times.count) - 1])
    }
}

/// Takes results, so that nothing is left out because nobody wants it.
enum Sink {
    private static let sum = Atomic<Int>(0)

    @inline(never)
    static func take(_ evaluation: Evaluation) {
        if evaluation.permits.count > 1 << 20 { sum.add(1, ordering: .relaxed) }
    }

    @inline(never)
    static func take(_ count: Int) {
        if count > 1 << 30 { sum.add(1, ordering: .relaxed) }
    }
}

/// A thread of the system.
final class Thread: Sendable {
    private let handle: pthread_t

    init(_ body: @escaping @Sendable () -> Void) {
        let box = unsafe Unmanaged.passRetained(Body(body)).toOpaque()
        var handle = pthread_t()
        let failure = unsafe pthread_create(
            &handle,
            nil,
            { pointer in
                if let pointer = unsafe pointer { unsafe Unmanaged<Body>.fromOpaque(pointer).takeRetainedValue().run() }
                return nil
            },
            box
        )
        precondition(failure == 0)
        self.handle = handle
    }

    func join() { pthread_join(handle, nil) }

    private final class Body: Sendable {
        let run: @Sendable () -> Void

        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }
}

/// The memory of this process.
enum Memory {
    /// What is resident, in bytes (proc(5), `statm`).
    static func residentBytes() -> Double {
        let descriptor = unsafe open("/proc/self/statm", O_RDONLY)
        guard descriptor >= 0 else { return 0 }
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: 256)
        let count = unsafe buffer.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
        guard count > 0 else { return 0 }
        let fields = buffer[..<count].split(separator: UInt8(ascii: " "))
        guard fields.count > 1, let pages = Double(String(decoding: fields[1], as: UTF8.self)) else { return 0 }
        return pages * Double(sysconf(Int32(_SC_PAGESIZE)))
    }
}
