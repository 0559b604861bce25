import Authorization
import Bytes

/// Names that tests speak of.
enum EntityNames {
    static let agent = EntityName(type: "Agent", id: "ops-bot")
}
