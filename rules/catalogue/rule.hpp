// A rule of the standing-credential catalogue: data, and a check of pods, of other objects, or of both.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rules/cluster/clusterstate.hpp"
#include "rules/settings.hpp"
#include "rules/view/describe.hpp"
#include "rules/view/objectview.hpp"
#include "rules/view/podview.hpp"

namespace errand::rules {

// The input that all checks share: the namespace, the requesting user and the state of the cluster.
struct CheckContext {
  std::string_view ns, user;  // `user` is empty for a file
  const ClusterState& cluster;
  const RuleSettings& settings;
};

// The input of a check of pods. It is one of these:
// - a pod at its creation
// - a pod as its author wrote it: a workload's template, or a file
// - the ephemeral containers that an update adds to a pod
struct CheckInput : CheckContext {
  const PodView& pod;
  bool ephemeralOnly = false;
  bool written = false;                      // the mutating half has not completed it yet
  bool exists = false;                       // it was admitted, and its gate may have been opened since
  std::vector<const Container*> containers;  // those to check
};

// An object of another kind, or a workload apart from its pod template.
struct ObjectCheckInput : CheckContext {
  const ObjectView& object;
};

enum class Severity { Medium, High, Critical };
std::string_view toString(Severity severity);

class Reporter;

struct Parameter {
  std::string_view name, value, meaning;
};

struct Rule {
  std::string_view id, slug;
  std::string_view title;  // one sentence without a full stop
  std::string_view why, fix;
  Severity severity;
  std::span<const std::string_view> tags;  // of OWASP: NHI1..10, ASI01..10
  std::string_view refused, allowed;       // for its page, in Markdown
  std::span<const Parameter> parameters = {};
  // The ValidatingAdmissionPolicy that enforces the same if the webhook is not called or not available.
  std::string_view policy = {};
  bool guarded = false;    // webhook/guard implements a part of it
  bool scanOnly = false;   // reported by scans; never rejected at admission
  bool exemptible = true;  // an Exemption may name it
  void (*check)(const CheckInput&, Reporter&) = nullptr;
  void (*checkObject)(const ObjectCheckInput&, Reporter&) = nullptr;
};

struct Finding {
  std::string_view rule;
  std::string text, fix;    // neither holds a secret's value; `fix` is empty if the text includes it
  std::string path;         // JSON Pointer (RFC 6901) into the object: of the field, or of what holds it
  std::string secret = {};  // SC106: the Secret's name
  bool exemptible = true;   // false: no Exemption reaches this one, though it may name the rule

  // [SC107] container "app": … Fix: …. See docs/rules/SC107.md
  std::string message() const;
};

struct Verdict {
  std::vector<Finding> findings;  // of all rules, in the catalogue's order
  std::optional<NeedsGrant> needs;
};

// Collects the findings of a check.
class Reporter {
 public:
  Reporter(const Rule& rule, std::string_view root, Verdict& out) : rule_(rule), root_(root), out_(out) {}

  // `path` is relative to the pod, or to the object of a checkObject.
  void add(std::string_view path, std::string text) { add(path, std::move(text), std::string(rule_.fix)); }
  void add(std::string_view path, std::string text, std::string fix) {
    out_.findings.emplace_back(rule_.id, std::move(text), std::move(fix),
                               std::string(root_) + std::string(path), secret_, exemptible_);
  }
  // Sets the name of the Secret that the following findings are about.
  void about(std::string_view secret) { secret_ = secret; }
  // Marks the following findings as not exemptible.
  void neverExempt() { exemptible_ = false; }
  void needs(NeedsGrant grant) { out_.needs = std::move(grant); }

 private:
  const Rule& rule_;
  std::string_view root_;
  std::string secret_;
  bool exemptible_ = true;
  Verdict& out_;
};

// All rules, by ascending id.
std::span<const Rule* const> catalogue();
// Returns null if no rule has that id.
const Rule* findRule(std::string_view id);

// Runs every pod rule on the pod and on the containers that `input` lists.
Verdict evaluate(const CheckInput& input);

enum class Stage { Admission, File, Exists };
// Runs every rule on an object as its author wrote it. A Pod in a file, or one that exists in a cluster, is
// checked completely. At admission a Pod itself is skipped, because evaluate(CheckInput) checks it.
Verdict evaluate(const ObjectView& object, const CheckContext& context, Stage stage);

}  // namespace errand::rules
