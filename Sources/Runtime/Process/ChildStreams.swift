internal import CSystem
internal import Glibc

/// A descriptor in a box that can be stored in optionals and shared; closed with the box unless it was taken.
final class FileDescriptorBox: Sendable {
    private let content: Guarded<Int32>
    private let name: String

    init(_ descriptor: consuming FileDescriptor) {
        name = descriptor.name
        content = Guarded(descriptor.release())
    }

    deinit {
        let number = number
        if number >= 0 {
            _ = close(number)
        }
    }

    /// The number; -1 once it was taken.
    var number: Int32 { content.withLock { $0 } }

    func take() -> FileDescriptor? {
        let number = content.withLock { number in
            defer { number = -1 }
            return number
        }
        return number < 0 ? nil : FileDescriptor(owning: number, name: name)
    }

    /// Duplicates a descriptor above those that a child process gets.
    static func duplicate(_ number: Int32) throws(SystemError) -> FileDescriptorBox {
        let copy = writ_duplicate(number, Int32(writ_spawn_lowest))
        guard copy >= 0 else {
            throw .last("duplicate", "descriptor \(number)")
        }
        return FileDescriptorBox(FileDescriptor(owning: copy, name: "copy of descriptor \(number)"))
    }
}

/// The child's ends of its standard streams, which we close after it was started.
struct ChildStreams {
    private var ends: [FileDescriptorBox?] = [nil, nil, nil]

    /// The descriptor for one of the streams; -1 to inherit ours.
    func number(_ target: Int) -> Int32 {
        ends[target]?.number ?? -1
    }

    /// Opens what a stream leads to, and answers our end of it, if it has one.
    mutating func open(_ stream: ChildCommand.Stream, target: Int) throws(SystemError) -> FileDescriptorBox? {
        switch stream {
        case .inherited:
            return nil
        case .none:
            let null = try FileDescriptor(opening: "/dev/null", .readWrite)
            ends[target] = try .duplicate(null.number)
            return nil
        case .pipe:
            var numbers: (Int32, Int32) = (-1, -1)
            let result = unsafe withUnsafeMutableBytes(of: &numbers) { bytes in
                unsafe writ_pipe(bytes.baseAddress?.assumingMemoryBound(to: Int32.self))
            }
            guard result == 0 else {
                throw .last("make a pipe")
            }
            let reading = FileDescriptor(owning: numbers.0, name: "pipe")
            let writing = FileDescriptor(owning: numbers.1, name: "pipe")
            if target == 0 {
                ends[target] = try .duplicate(reading.number)
                return FileDescriptorBox(writing)
            }
            ends[target] = try .duplicate(writing.number)
            return FileDescriptorBox(reading)
        }
    }
}

/// An array of C strings that ends with a null pointer.
@safe
final class CStrings {
    let pointers: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    private let count: Int

    init(_ strings: [String]) throws(SystemError) {
        guard strings.allSatisfy({ !$0.utf8.contains(0) }) else {
            throw SystemError("start a process", subject: "text with NUL", number: EINVAL)
        }
        count = strings.count
        unsafe pointers = .allocate(capacity: strings.count + 1)
        for (index, string) in strings.enumerated() {
            unsafe (pointers + index).initialize(to: strdup(string))
        }
        unsafe (pointers + count).initialize(to: nil)
    }

    deinit {
        for index in 0..<count {
            unsafe free(pointers[index])
        }
        unsafe pointers.deallocate()
    }
}
