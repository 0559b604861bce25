/// A property that an input showed not to hold.
package struct FuzzFailure: Error, CustomStringConvertible {
    /// What does not hold.
    package let description: String

    /// Makes a failure.
    package init(_ description: String) {
        self.description = description
    }
}

/// A decoder with what has to hold for any bytes: it must not crash or hang, and reads again alike what it has read.
package struct FuzzTarget: Sendable {
    /// The name on the command line and of the folder with seeds.
    package let name: String
    /// The most bytes of an input that is tried.
    package let bytesMax: Int
    private let body: @Sendable ([UInt8]) throws -> Void

    init(_ name: String, bytesMax: Int = 1 << 16, _ body: @escaping @Sendable ([UInt8]) throws -> Void) {
        self.name = name
        self.bytesMax = bytesMax
        self.body = body
    }

    /// Tries one input, unless it has more than ``bytesMax`` bytes.
    ///
    /// - Throws: ``FuzzFailure`` if a property does not hold; that the decoder refuses the input is none.
    package func run(_ input: [UInt8]) throws(FuzzFailure) {
        guard input.count <= bytesMax else { return }
        try runWhole(input)
    }

    /// Tries one input of any length.
    ///
    /// - Throws: ``FuzzFailure`` as ``run(_:)`` does.
    package func runWhole(_ input: [UInt8]) throws(FuzzFailure) {
        do {
            try body(input)
        } catch let failure as FuzzFailure {
            throw failure
        } catch {
            // The decoder's own error: the input is refused, in words that a person can read.
            guard !"\(error)".isEmpty else { throw FuzzFailure("an error without words") }
        }
    }

    /// All targets, in the order of the floors.
    package static let all: [FuzzTarget] =
        bytes + cedarTexts + cedarJSON + cedarValues + http + evidence + policies + gate

    /// The target of that name.
    package static func named(_ name: String) -> FuzzTarget? { all.first { $0.name == name } }
}

/// Demands that something holds.
func demand(_ condition: Bool, _ message: @autoclosure () -> String) throws(FuzzFailure) {
    guard condition else { throw FuzzFailure(message()) }
}

/// Demands that what a decoder wrote itself is read.
func reread<Value>(_ what: String, _ body: () throws -> Value) throws(FuzzFailure) -> Value {
    do {
        return try body()
    } catch {
        throw FuzzFailure("\(what) is not read again: \(error)")
    }
}
