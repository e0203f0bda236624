import MintmarkProgram
import Testing

@Suite("Users of this machine")
struct MachineUsersTests {
    @Test(
        "a user is a name or a number",
        arguments: [
            Row("a name", "root", 0),
            Row("a number", "0", 0),
            Row("the greatest number", "4294967295", .max),
            Row("one above", "4294967296", nil),
            Row("nobody", "no such user", nil),
            Row("nothing", "", nil),
        ] as [Row<String, UInt32?>]
    )
    func user(row: Row<String, UInt32?>) {
        #expect(MachineUsers.userID(row.given) == row.expected)
    }

    @Test("people are told of a user by name and number")
    func text() {
        #expect(MachineUsers.text(ofUserID: 0) == "user 'root' (0)")
        #expect(MachineUsers.text(ofUserID: 4_000_000) == "user 4000000")
    }
}
