#include "rules/catalogue/rule.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace errand::rules {

std::string_view toString(Severity severity) {
  switch (severity) {
    case Severity::Medium:
      return "Medium";
    case Severity::High:
      return "High";
    case Severity::Critical:
      return "Critical";
  }
  return "Critical";
}

std::string Finding::message() const {
  const std::string wayOut = fix.empty() ? "" : fmt::format(" Fix: {}.", fix);
  return fmt::format("[{0}] {1}.{2} See docs/rules/{0}.md", rule, text, wayOut);
}

const Rule* findRule(std::string_view id) {
  const auto all = catalogue();
  const auto found = std::ranges::find(all, id, &Rule::id);
  return found == all.end() ? nullptr : *found;
}

Verdict evaluate(const CheckInput& input) {
  Verdict out;
  for (const Rule* rule : catalogue()) {
    Reporter reporter(*rule, "", out);
    if (rule->check != nullptr) rule->check(input, reporter);
  }
  return out;
}

Verdict evaluate(const ObjectView& object, const CheckContext& context, Stage stage) {
  Verdict out;
  std::optional<CheckInput> pod;
  const bool isPod = object.is("", "Pod");
  if (object.pod && (stage != Stage::Admission || !isPod)) {
    // An existing pod has been completed already, or never will be.
    const bool exists = isPod && stage == Stage::Exists;
    pod.emplace(CheckInput{context, *object.pod, false, !exists, exists, {}});
    for (const Container& container : object.pod->containers) pod->containers.push_back(&container);
  }
  const ObjectCheckInput input{context, object};
  for (const Rule* rule : catalogue()) {
    if (rule->scanOnly && stage == Stage::Admission) continue;
    Reporter inPod(*rule, object.podPath, out);
    Reporter inObject(*rule, "", out);
    if (pod && rule->check != nullptr) rule->check(*pod, inPod);
    if (!isPod && rule->checkObject != nullptr) rule->checkObject(input, inObject);
  }
  return out;
}

}  // namespace errand::rules
