#include "rules/catalogue/literal/added.hpp"

#include <set>
#include <utility>

namespace errand::rules {
namespace {

using Strings = std::set<std::pair<std::string_view, std::string_view>>;

void erase(api::StringMap& map, const api::StringMap& old) {
  const Strings known(old.begin(), old.end());
  std::erase_if(map, [&](const auto& entry) { return known.contains({entry.first, entry.second}); });
}

void erase(std::vector<Text>& texts, const Strings& old) {
  std::erase_if(texts, [&](const Text& text) { return old.contains({text.name, text.value}); });
}

Strings stringsOf(const PodView& pod) {
  Strings out;
  for (const Text& text : pod.texts) out.emplace(text.name, text.value);
  for (const Container& container : pod.containers)
    for (const Text& text : container.texts) out.emplace(text.name, text.value);
  return out;
}

}  // namespace

Verdict evaluateAdded(const CheckContext& context, const PodView& pod, const PodView& old) {
  PodView added = pod;
  erase(added.labels, old.labels);
  erase(added.annotations, old.annotations);
  const Strings known = stringsOf(old);
  erase(added.texts, known);
  for (Container& container : added.containers) {
    erase(container.texts, known);
    container.env.clear();  // no update can change variables
  }
  return evaluate(wholePod(context, added, CheckStage::StringsAdded));
}

}  // namespace errand::rules
