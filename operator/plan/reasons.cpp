#include "operator/plan/reasons.hpp"

#include <fmt/format.h>

#include <array>

namespace errand::plan {
namespace {

using enum Shows;

constexpr std::array kReasons = std::to_array<Reason>({
    {"WorkloadComplete", GrantEnded, "`Completed`", "The workload completed.", "Nothing to do."},
    {"WorkloadFailed", GrantEnded, "`Failed`", "The workload failed; the message has its own reason.",
     "Mend the workload, then create another grant."},
    {"WorkloadDeleted", GrantEnded, "`Failed`",
     "The workload was deleted or replaced while the grant was Active.", "Create another grant."},
    {"WindowClosed", GrantEnded, "`Expired`", "`spec.window.duration` was over.",
     "Create another grant, with a longer window where the task needs it."},
    {"NotStartedInTime", GrantEnded, "`Expired`", "The grant had not started by `spec.window.notAfter`.",
     "Create another grant with a later `notAfter`."},
    {"RequestTooOld", GrantEnded, "`Denied`",
     "The grant had not started 24 hours after its creation (`--max-request-age`), or its `notBefore` is "
     "later than that.",
     "Create another grant nearer to its start."},
    {"RevokeRequested", GrantEnded, "`Revoked`", "`spec.revoke` was set.", "Create another grant."},
    {"Deleted", GrantEnded, "`Revoked`", "The grant was deleted.", "Create another grant."},
    {"IdentitySuspended", GrantEnded, "`Revoked`", "`spec.state` of the AgentIdentity is `Suspended`.",
     "Set it to `Enabled`, then create another grant."},
    {"IdentityExpired", GrantEnded, "`Revoked`", "`spec.expiresAt` of the AgentIdentity has passed.",
     "Set a later time, then create another grant."},
    {"IdentityDeleted", GrantEnded, "`Revoked`",
     "The AgentIdentity that accepted the grant was deleted or replaced.",
     "Create another grant under the present AgentIdentity."},
    {"ToolClassNotFound", GrantEnded, "`Revoked`", "The AgentIdentity no longer has the grant's tool class.",
     "Create another grant with a tool class that exists."},
    {"CeilingLowered", GrantEnded, "`Revoked`", "The AgentIdentity no longer allows what the grant asks for.",
     "Leave out what the message names, in another grant."},
    {"NamespaceSuspended", GrantEnded, "`Revoked`",
     "The namespace is labelled `errand.dev/suspended: \"true\"`.",
     "Take the label away, then create another grant."},
    {"NamespaceNotEnforced", GrantEnded, "`Revoked`",
     "The namespace is no longer labelled `errand.dev/enforce: \"true\"`.",
     "Enrol the namespace again, then create the workload and another grant."},
    {"NamespaceTerminating", GrantEnded, "`Revoked`", "The namespace is being deleted.", "Nothing to do."},
    {"EnforcementInterrupted", GrantEnded, "`Revoked`",
     "The namespace was taken out of enforcement and enrolled again.",
     "Create the workload and the grant again."},
    {"GuardsInterrupted", GrantEnded, "`Revoked`, `Denied`",
     "A policy or webhook configuration that the status depends on was missing after the grant's creation.",
     "Create another grant."},
    {"ApprovalTimeout", GrantEnded, "`Denied`", "Nobody approved within the time that the message names.",
     "Create another grant."},
    {"RequesterNotRecorded", GrantEnded, "`Denied`",
     "The grant does not say who asked for it: admission did not see its creation.",
     "Create the grant again."},
    {"RequesterNotAuthorized", GrantEnded, "`Denied`, `Revoked`",
     "The user who asked does not hold the verb `request` on the AgentIdentity.",
     "Bind the ClusterRole `errand-requester` to the user, then create another grant."},
    {"LeaseWithdrawn", GrantEnded, "`Revoked`",
     "A leased Secret was deleted, or lost the label `errand.dev/leasable: \"true\"`.",
     "Restore the Secret or the label, then create another grant."},
    {"ScopeChanged", GrantEnded, "`Revoked`",
     "The rules of a role, the pod template or a leased Secret are no longer those that the grant was "
     "started for.",
     "Create another grant."},
    {"DangerousRole", GrantEnded, "`Revoked`",
     "A role got a rule that is a way to other credentials, or its tool class no longer accepts that "
     "([SC302](../rules/SC302.md)). A waiting grant stalls instead.",
     "Take the rule out of the role, or let the tool class accept the role; then create another grant."},
    {"StandingBinding", GrantEnded, "`Revoked`",
     "A RoleBinding or ClusterRoleBinding gave the agent's account, or every account, a right without a "
     "grant.",
     "Delete the binding that the message names, then create another grant."},
    {"SlotMounted", GrantEnded, "`Revoked`",
     "A pod from before the namespace was enforced, or of another account, mounts the slot.",
     "Delete that pod or its controller, then create another grant."},
    {"ParentEnded", GrantEnded, "`Revoked`",
     "The grant of `parentRef`, or one above it, ended. Rights that were passed on go first.",
     "Create another grant under a parent that is Active."},
    {"CredentialsLost", GrantEnded, "`Revoked`", "Somebody deleted or replaced the grant's ServiceAccount.",
     "Create another grant."},

    {"NamespaceNotEnforced", GrantStalled, "", "The namespace is not enrolled.",
     "Label it `errand.dev/enforce=true`."},
    {"NamespaceNotSynced", GrantStalled, "", "The operator cannot watch the namespace.",
     "Apply the RoleBinding `errand-operator` there (manifests/namespace)."},
    {"RootCaDiffers", GrantStalled, "",
     "The ConfigMap `kube-root-ca.crt` of the namespace is not the cluster's, so its pods may take another "
     "for the API server. A grant that is Active goes on.",
     "Delete the ConfigMap; the cluster writes it again. That needs the verb `exempt` on the namespace "
     "(ClusterRole `errand-exempter`)."},
    {"GuardsNotInForce", GrantStalled, "",
     "A policy, binding or webhook configuration is missing or changed.",
     "Apply the manifests or the chart again."},
    {"IdentityNotFound", GrantStalled, "", "There is no AgentIdentity of that name.",
     "Create it, or name another in another grant."},
    {"IdentityDeleted", GrantStalled, "", "The AgentIdentity is being deleted.",
     "Create another grant under the one that takes its place."},
    {"ToolClassNotFound", GrantStalled, "", "The AgentIdentity has no tool class of that name.",
     "Add it, or name another in another grant."},
    {"BeyondCeiling", GrantStalled, "", "The grant asks for more than its tool class allows.",
     "Leave out what the message names, in another grant, or raise the ceiling."},
    {"BeyondParent", GrantStalled, "", "The grant asks for more than the grant of `parentRef` has.",
     "Leave out what the message names, in another grant."},
    {"ParentNotFound", GrantStalled, "", "There is no grant of the name in `parentRef`.",
     "Create the parent first."},
    {"ParentCycle", GrantStalled, "", "The grant of `parentRef` is itself below this one.",
     "Create one of them without `parentRef`."},
    {"ParentTooDeep", GrantStalled, "", "The chain of parents has as many grants as a chain may have.",
     "Create the grant below one further up."},
    {"RoleNotFound", GrantStalled, "", "There is no role of that name.", "Create the role."},
    {"MayNotBind", GrantStalled, "",
     "The operator may not bind the role. Roles `errand-operator*` are never bound.",
     "List the role in the Role `errand-operator-bind` of the namespace."},
    {"DangerousRole", GrantStalled, "",
     "A rule of the role is a way to other credentials ([SC302](../rules/SC302.md)).",
     "Take the rule out of the role, or let the tool class accept the role: `dangerous: Accepted`."},
    {"StandingBinding", GrantStalled, "",
     "A RoleBinding or ClusterRoleBinding gives the agent's account, or every account, a right without a "
     "grant.",
     "Delete the binding that the message names, or take the subject out of it."},
    {"WorkloadTooOld", GrantStalled, "",
     "The workload or a controller above it was created before the namespace was enforced, or before the "
     "guards held.",
     "Create it again."},
    {"SlotMounted", GrantStalled, "",
     "A pod from before the namespace was enforced, or of another account, mounts the slot.",
     "Delete that pod, or create its controller again."},
    {"SlotShared", GrantStalled, "", "Another tool class has the same slot.",
     "Give one of them another `slot.secretName`."},
    {"SecretNotFound", GrantStalled, "", "There is no Secret of that name to lease.", "Create the Secret."},
    {"SecretNotLeasable", GrantStalled, "", "The Secret may not be leased.",
     "Its owner allows it by the label `errand.dev/leasable: \"true\"`."},
    {"FileNameTaken", GrantStalled, "", "A leased Secret has the name of a file of the grant.",
     "Rename the Secret, or use delivery mode `Slot`."},
    {"Conflict", GrantStalled, "", "An object of a name that the grant needs exists and was not made for it.",
     "Delete the object that the message names."},
    {"Forbidden", GrantStalled, "", "The API server forbids the operator what the message names.",
     "Apply manifests/namespace again, or let the operator pass the policy or webhook that the message "
     "names."},
    {"Invalid", GrantStalled, "",
     "The API server, or a policy or webhook of the cluster, rejects what the message names.",
     "Change what the message names."},

    {"Starting", GrantWaiting, "`Pending`",
     "The requester and the roles are being checked, or rights are being given.", ""},
    {"EnforcementSettling", GrantWaiting, "`Pending`",
     "The namespace was enrolled a moment ago. The operator waits until each API server knows it.", ""},
    {"GuardsSettling", GrantWaiting, "`Pending`",
     "The policies came into force a moment ago. The operator waits until each API server knows it.", ""},
    {"AwaitingApproval", GrantWaiting, "`AwaitingApproval`", "People have yet to approve the grant.", ""},
    {"WaitingForParent", GrantWaiting, "`Pending`", "The grant of `parentRef` is not Active yet.", ""},
    {"Scheduled", GrantWaiting, "`Scheduled`", "The time in `spec.window.notBefore` has not come.", ""},
    {"WaitingForWorkload", GrantWaiting, "`Pending`", "The workload does not exist yet.", ""},
    {"WaitingForTurn", GrantWaiting, "`Pending`",
     "As many grants of the tool class are Active as `maxActiveGrants` allows.", ""},
    {"SlotTaken", GrantWaiting, "`Pending`", "Another grant has the slot, or came first for it.", ""},
    {"Retrying", GrantWaiting, "`Pending`", "The API server did not answer; the operator tries again.", ""},

    {"NotRequired", GrantCondition, "`Approved=True`", "The tool class asks for no approval.", ""},
    {"AwaitingApproval", GrantCondition, "`Approved=False`",
     "The message says how many approvals are missing.", ""},
    {"Unknown", GrantCondition, "`Approved=Unknown`", "The tool class is not known.",
     "Create the tool class."},
    {"Waiting", GrantCondition, "`Stalled=False`", "The grant waits and goes on by itself.", ""},
    {"NotStarted", GrantCondition, "`Active=False`", "No credentials exist yet.", ""},
    {"Starting", GrantCondition, "`Active=Unknown`", "Rights are being given.", ""},
    {"Active", GrantCondition, "`Active=True`", "Credentials are valid until the time in the message.", ""},
    {"Revoking", GrantCondition, "`Active=Unknown`",
     "Rights are withdrawn; the proof that tokens are refused is awaited.", ""},
    {"RevocationBlocked", GrantCondition, "`Stalled=True`, `Active=Unknown`",
     "The operator may not delete what the message names. The other rights are withdrawn.",
     "Restore the RoleBinding that the message names, or let the operator pass what refuses it."},
    {"RunNotEnded", GrantCondition, "`Stalled=True`",
     "A pod or the Job could not be told to end. Its rights are gone; connections that it opened may go on.",
     "Let the operator pass what refuses it, or delete the pod or Job."},
    {"Revoked", GrantCondition, "`Active=False`",
     "The API server refuses the last token, or every token has expired.", ""},
    {"NeverStarted", GrantCondition, "`Active=False`", "No credentials ever existed.", ""},

    {"Ready", Identity, "`Ready=True`", "Every tool class has its ServiceAccount.", ""},
    {"Suspended", Identity, "`Ready=True`", "`spec.state` is `Suspended`: no grant starts.",
     "Set `spec.state` to `Enabled`."},
    {"Expired", Identity, "`Ready=True`", "`spec.expiresAt` has passed: no grant starts.",
     "Set a later time."},
    {"EnforcementSettling", Identity, "`Ready=False`",
     "The namespace was enrolled a moment ago. The operator waits until each API server knows it.", ""},
    {"NamespaceNotEnforced", Identity, "`Stalled=True`", "The namespace is not enrolled.",
     "Label it `errand.dev/enforce=true`."},
    {"RootCaDiffers", Identity, "`Stalled=True`",
     "The ConfigMap `kube-root-ca.crt` of the namespace is not the cluster's.",
     "Delete the ConfigMap; the cluster writes it again."},
    {"Conflict", Identity, "`Stalled=True`",
     "A ServiceAccount of a name that the identity needs exists and was not made for it.",
     "Delete the account that the message names."},
    {"NoneInSlots", Identity, "`StreamsEnd=True`",
     "No role of a tool class with a slot leaves a connection open.", ""},
    {"SlotMayStream", Identity, "`StreamsEnd=False`",
     "A watch, log or shell that a slot's pod opens goes on after the task ([SC305](../rules/SC305.md)).",
     "Take those rights out of the role, or deliver such tasks by `Projected`."},
    {"RolesNotSynced", Identity, "`StreamsEnd=Unknown`", "The operator does not know the roles yet.",
     "If it stays, let the operator list Roles and ClusterRoles."},
});

}  // namespace

std::span<const Reason> allReasons() { return kReasons; }

std::string markdownTable(Shows shows) {
  const bool phase = shows != GrantStalled, wayOut = shows != GrantWaiting;
  std::string out = fmt::format("| Reason |{} Meaning |{}\n|---|{}---|{}\n",
                                !phase                                         ? ""
                                : shows == GrantEnded || shows == GrantWaiting ? " Phase |"
                                                                               : " Condition |",
                                wayOut ? " What to do |" : "", phase ? "---|" : "", wayOut ? "---|" : "");
  for (const Reason& reason : kReasons)
    if (reason.shows == shows) {
      out += fmt::format("| `{}` |", reason.name);
      if (phase) out += fmt::format(" {} |", reason.phase);
      out += fmt::format(" {} |", reason.meaning);
      if (wayOut) out += reason.wayOut.empty() ? " |" : fmt::format(" {} |", reason.wayOut);
      out += '\n';
    }
  return out;
}

}  // namespace errand::plan
