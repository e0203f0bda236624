/// The permission that refused a request, under the name that NOT_PERMITTED tells.
package enum PermissionRule: String, CaseIterable, Sendable {
    case operations
    case admin
    case subjects
    case audiences
    case scopes
    case claims
}
