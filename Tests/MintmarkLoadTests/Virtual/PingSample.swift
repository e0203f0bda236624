import MintmarkWire

enum PingSample {
    static let request = PingRequest()
}
