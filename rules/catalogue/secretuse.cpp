#include "rules/catalogue/secretuse.hpp"

#include <fmt/format.h>

#include "rules/catalogue/where.hpp"

namespace errand::rules {

std::vector<SecretUse> environmentSecrets(const CheckInput& input) {
  std::vector<SecretUse> out;
  for (const Container* container : input.containers) {
    for (const EnvVar& env : container->env)
      if (env.fromSecret)
        out.push_back({std::string(env.secret),
                       fmt::format("{}: env {}", describe(*container), printable(env.name)),
                       pathOf(*container, env)});
    for (const EnvFrom& from : container->envFrom)
      if (from.fromSecret)
        out.push_back(
            {from.secret, fmt::format("{}: envFrom", describe(*container)), pathOf(*container) + "/envFrom"});
  }
  return out;
}

std::vector<SecretUse> volumeSecrets(const CheckInput& input) {
  std::vector<SecretUse> out;
  input.forVolumes([&](const Volume& volume, const Container* mounter) {
    for (const SecretSource& source : volume.secrets)
      out.push_back({source.name,
                     fmt::format("{}volume {}", mounter == nullptr ? "" : describe(*mounter) + ": ",
                                 inQuotes(volume.name)),
                     pathOf(input.pod, volume), &volume, &source});
  });
  return out;
}

bool looksLikeTokenSecret(std::string_view name) {
  constexpr std::string_view kInfix = "-token-";
  constexpr std::string_view kAlphabet = "bcdfghjklmnpqrstvwxz2456789";  // k8s.io/apimachinery/pkg/util/rand
  constexpr size_t kSuffix = 5;
  if (name.size() <= kInfix.size() + kSuffix) return false;
  const std::string_view suffix = name.substr(name.size() - kSuffix);
  return name.substr(0, name.size() - kSuffix).ends_with(kInfix) &&
         suffix.find_first_not_of(kAlphabet) == std::string_view::npos;
}

}  // namespace errand::rules
