extension Configuration {
    /// The admin listener.
    package struct Admin: Sendable, Equatable {
        /// Nil: there is none.
        package let listen: ListenAddress?
        /// Names under which it may be asked, beside its own.
        package let hosts: [String]
    }
}
