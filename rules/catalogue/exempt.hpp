// Removes from a verdict the findings that a namespace's Exemptions cover.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/exemption.hpp"
#include "core/base/time.hpp"
#include "rules/catalogue/rule.hpp"

namespace errand::rules {

// A finding that an Exemption covers.
struct Exempted {
  Finding finding;
  std::string by;  // the Exemption's name

  std::string message() const;  // [SC106] volume "tls" holds …. Exempt by Exemption "tls"
};

// The object that an Exemption may select: a pod or a workload's template by its labels, and any object by
// its kind and name.
struct Candidate {
  std::string_view kind, name;
  const PodView* pod = nullptr;  // null if the object is no pod and has no template
};

// Removes from `verdict` the findings that an Exemption in force covers, and returns them. A finding of SC106
// must name a Secret that the Exemption lists, and that does not begin with errand-. Keeps every finding that
// is not exemptible, and all findings of a rule that is not.
std::vector<Exempted> exempt(Verdict& verdict, const Candidate& candidate,
                             std::span<const std::shared_ptr<const api::Exemption>> exemptions, Time now);

}  // namespace errand::rules
