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

const Container* CheckInput::mounterOf(const Volume& volume) const {
  const auto mounts = [&](const Container* container) {
    return std::ranges::find(container->mounts, volume.name, &VolumeMount::volume) != container->mounts.end();
  };
  const auto it = std::ranges::find_if(containers, mounts);
  return it == containers.end() ? nullptr : *it;
}

CheckInput wholePod(const CheckContext& context, const PodView& pod, CheckStage stage) {
  CheckInput out{context, pod, stage, {}};
  out.containers.reserve(pod.containers.size());
  for (const Container& container : pod.containers) out.containers.push_back(&container);
  return out;
}

namespace {

void run(const auto& checks, CheckStage stage, const auto& input, Reporter& report) {
  for (const auto& check : checks)
    if (check.stages.contains(stage)) check.run(input, report);
}

// Returns the stage of the pod or template in an object of the stage `stage`; nullopt if it is not checked.
std::optional<CheckStage> stageOfPod(const ObjectView& object, CheckStage stage) {
  const bool isPod = object.is("", "Pod");
  if (!object.pod || (isPod && stage == CheckStage::Written)) return std::nullopt;
  return !isPod && stage == CheckStage::Existing ? CheckStage::InFile : stage;
}

}  // namespace

Verdict evaluate(const CheckInput& input) {
  Verdict out;
  for (const Rule* rule : catalogue()) {
    Reporter reporter(*rule, "", out);
    run(rule->pods, input.stage, input, reporter);
  }
  return out;
}

Verdict evaluate(const ObjectView& object, const CheckContext& context, CheckStage stage) {
  Verdict out;
  std::optional<CheckInput> pod;
  if (const auto podStage = stageOfPod(object, stage)) pod.emplace(wholePod(context, *object.pod, *podStage));
  const ObjectCheckInput input{context, object};
  for (const Rule* rule : catalogue()) {
    Reporter inPod(*rule, object.podPath, out);
    Reporter inObject(*rule, "", out);
    if (pod) run(rule->pods, pod->stage, *pod, inPod);
    if (!object.is("", "Pod")) run(rule->objects, stage, input, inObject);
  }
  return out;
}

}  // namespace errand::rules
