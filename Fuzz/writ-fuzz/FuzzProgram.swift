// `writ-fuzz`: tries decoders with bytes that nobody meant.
//
//   writ-fuzz                          the names of all targets
//   writ-fuzz TARGET FILE…             tries these files, and files in these directories
//   writ-fuzz TARGET --mutate N SEED DIR    tries N inputs made from those in a directory
//   writ-fuzz TARGET -…                libFuzzer with these options, in a build that has it (scripts/fuzz)

import FuzzTargets
import Glibc

/// The program; not in `main.swift`, whose entry point libFuzzer would rename.
@main enum FuzzProgram {
    static func main() {
        var arguments = Array(CommandLine.arguments.dropFirst())
        guard let name = arguments.first else {
            for target in FuzzTarget.all { print(target.name) }
            return
        }
        guard let target = FuzzTarget.named(name) else {
            print("there is no target `\(name)`")
            exit(64)
        }
        arguments.removeFirst()
        if arguments.count == 4, arguments[0] == "--mutate", let count = Int(arguments[1]),
            let seed = UInt64(arguments[2])
        {
            mutate(target, count, seed, arguments[3])
            return
        }
        #if LIBFUZZER
        if arguments.contains(where: { $0.hasPrefix("-") }) { LibFuzzer.run(target, arguments) }
        #endif
        let files = arguments.flatMap { Inputs.files($0) }
        for file in files {
            guard let bytes = Inputs.read(file) else {
                print("cannot read `\(file)`")
                exit(1)
            }
            do throws(FuzzFailure) {
                try target.run(bytes)
            } catch {
                print("\(file): \(error)")
                exit(1)
            }
        }
        print("\(target.name): \(files.count) inputs")
    }

    /// Tries inputs made from seeds; what fails is written to standard output in hexadecimal.
    private static func mutate(_ target: FuzzTarget, _ count: Int, _ seed: UInt64, _ directory: String) {
        var mutator = Mutator(Inputs.files(directory).compactMap { Inputs.read($0) }, seed: seed)
        var failures = 0
        for number in 0..<count {
            let input = mutator.next(bytesMax: 4096)
            do throws(FuzzFailure) {
                try target.run(input)
            } catch {
                failures += 1
                let digits = input.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
                print("\(target.name) \(number): \(error)\n\(digits)")
            }
        }
        print("\(target.name): \(count) inputs, \(failures) failures")
        if failures > 0 { exit(1) }
    }
}

/// Files with inputs.
enum Inputs {
    /// The files that a path means: itself, or those in the directory.
    static func files(_ path: String) -> [String] {
        guard let directory = unsafe opendir(path) else { return [path] }
        defer { _ = unsafe closedir(directory) }
        var names: [String] = []
        while let entry = unsafe readdir(directory) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append("\(path)/\(name)") }
        }
        return names.sorted()
    }

    /// The bytes of a file.
    static func read(_ path: String) -> [UInt8]? {
        guard let file = unsafe fopen(path, "rb") else { return nil }
        defer { _ = unsafe fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = unsafe fread(&chunk, 1, chunk.count, file)
            guard count > 0 else { return bytes }
            bytes += chunk[..<count]
        }
    }
}
