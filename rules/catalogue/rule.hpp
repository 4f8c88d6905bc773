// A rule of the catalogue of standing credentials: its texts, and its checks of pods or of other objects.
#pragma once

#include <algorithm>
#include <array>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rules/catalogue/checkstage.hpp"
#include "rules/cluster/clusterstate.hpp"
#include "rules/settings.hpp"
#include "rules/view/describe.hpp"
#include "rules/view/objectview.hpp"
#include "rules/view/podview.hpp"

namespace errand::rules {

// The input that all checks share: namespace, requesting user, cluster and settings. All views and references
// of an input must outlive the check.
struct CheckContext {
  std::string_view ns, user;  // `user` is empty if there is no request
  const ClusterState& cluster;
  const RuleSettings& settings;
};

// The input of a check of pods.
struct CheckInput : CheckContext {
  const PodView& pod;
  CheckStage stage;
  std::vector<const Container*> containers;  // the containers to check: all, or those that an update adds

  // Calls f(volume, mounter) for each volume to check:
  // - If an update adds containers: the volumes that these mount. `mounter` is the first of them.
  // - Otherwise: all volumes. `mounter` is null.
  template <class F>
  void forVolumes(F f) const {
    for (const Volume& volume : pod.volumes) {
      const Container* mounter = stage == CheckStage::EphemeralAdded ? mounterOf(volume) : nullptr;
      if (mounter != nullptr || stage != CheckStage::EphemeralAdded) f(volume, mounter);
    }
  }

 private:
  const Container* mounterOf(const Volume& volume) const;
};

// Returns the input with all containers of the pod.
CheckInput wholePod(const CheckContext& context, const PodView& pod, CheckStage stage);

// The input of a check of an object that is no pod, or of a workload without its pod template.
struct ObjectCheckInput : CheckContext {
  const ObjectView& object;
};

// How bad a violation is, in ascending order.
enum class Severity { Medium, High, Critical };
// Returns "Medium", "High" or "Critical".
std::string_view toString(Severity severity);

class Reporter;

// A setting of a rule, for its page.
struct Parameter {
  std::string_view name, value, meaning;
};

// A check of pods, and the stages at which it runs.
struct PodCheck {
  CheckStages stages;
  void (*run)(const CheckInput&, Reporter&);
};
// A check of objects that are no pods, and the stages at which it runs.
struct ObjectCheck {
  CheckStages stages;
  void (*run)(const ObjectCheckInput&, Reporter&);
};

// The checks of a rule, of pods or of other objects: at most three.
template <class Check>
class Checks {
 public:
  constexpr Checks() = default;
  constexpr Checks(std::initializer_list<Check> checks) : size_(checks.size()) {
    std::ranges::copy(checks, checks_.begin());
  }

  constexpr const Check* begin() const { return checks_.data(); }
  constexpr const Check* end() const { return checks_.data() + size_; }
  constexpr CheckStages stages() const {
    CheckStages out;
    for (const Check& check : *this) out = out | check.stages;
    return out;
  }

 private:
  std::array<Check, 3> checks_{};
  size_t size_ = 0;
};

// A rule. Its texts are for its messages and its page. Rules are constants.
struct Rule {
  std::string_view id, slug;
  std::string_view title;  // one sentence without a full stop
  std::string_view why, fix;
  Severity severity;
  std::span<const std::string_view> tags;  // of OWASP: NHI1..10, ASI01..10
  std::string_view refused, allowed;       // Markdown for the rule's page
  std::span<const Parameter> parameters = {};
  // The ValidatingAdmissionPolicy that enforces the rule if the webhook is not called or not available.
  std::string_view policy = {};
  bool exemptible = true;  // an Exemption may name the rule
  // Each check runs once on an object at its stages, in this order.
  Checks<PodCheck> pods = {};
  Checks<ObjectCheck> objects = {};
  CheckStages guarded = {};  // the stages at which a handler of the webhook enforces the rule

  // The stages at which the rule is checked.
  constexpr CheckStages stages() const { return pods.stages() | objects.stages() | guarded; }
};

// A violation of a rule.
struct Finding {
  std::string_view rule;
  std::string text, fix;    // neither holds a secret's value; `fix` is empty if the text includes it
  std::string path;         // JSON Pointer (RFC 6901) of the field, or of the nearest field above it
  std::string secret = {};  // SC106: the Secret's name
  bool exemptible = true;   // if false, no Exemption covers this finding, even if it names the rule

  // Returns the text for the user: [SC107] container "app": … Fix: …. See docs/rules/SC107.md
  std::string message() const;
};

// The findings of all checks of one input.
struct Verdict {
  std::vector<Finding> findings;  // of all rules, in the catalogue's order
  // Set if a check needs a grant that is not known yet.
  std::optional<NeedsGrant> needs;
};

// Collects the findings of a check.
class Reporter {
 public:
  Reporter(const Rule& rule, std::string_view root, Verdict& out) : rule_(rule), root_(root), out_(out) {}

  // Adds a finding. `path` is relative to the pod, or to the object of an ObjectCheck.
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

// Runs the pod checks of the input's stage. Safe to call from several threads, like all of evaluate().
Verdict evaluate(const CheckInput& input);

// Runs the object checks of this stage (one of kObjectStages), and the pod checks on its pod or template. The
// template of a workload that exists is checked as if in a file. Skips a Pod at admission, because
// evaluate(CheckInput) checks it.
Verdict evaluate(const ObjectView& object, const CheckContext& context, CheckStage stage);

}  // namespace errand::rules
