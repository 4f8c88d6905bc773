#include "operator/seals/keeper.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "core/api/secret.hpp"
#include "core/api/secretdata.hpp"
#include "core/base/log.hpp"

namespace errand::seals {
namespace {

constexpr const char* kSecret = "errand-seal";
constexpr Millis kLongestLook{60'000}, kShortestLook{500}, kRetry{2'000};
constexpr std::string_view kEnd = "-----END PUBLIC KEY-----\n";

std::optional<SigningKey> keyOf(const Sensitive& pem) {
  if (pem.empty()) return std::nullopt;
  auto key = SigningKey::read(pem);
  if (!key) return std::nullopt;
  return std::move(*key);
}

}  // namespace

struct Keeper::Stored {
  std::optional<SigningKey> signing, next;
  std::vector<std::pair<std::string, std::string>> accepted;  // id and PEM
  Time since;
};

void Keeper::run(const std::stop_token& stop, const kube::Pause& pause) {
  accepted_.access()->reset();
  kube::repeat([this] { return step(); }, kRetry, "keys of seals not kept, trying again", stop, pause);
}

Result<Keeper::Stored> Keeper::read() const {
  const auto raw = client_.getRaw(api::kSecrets, settings_.ns, kSecret);
  if (!raw) return std::unexpected(raw.error());
  const auto held = api::readSecret(*raw);
  if (!held) return std::unexpected(held.error());
  Stored out;
  out.signing = keyOf(held->value("signing.pem"));
  out.next = keyOf(held->value("next.pem"));
  out.since = parseTime(held->value("since").reveal()).value_or(Time{});
  const Sensitive publicKeys = held->value("accepted.pem");
  for (std::string_view rest = publicKeys.reveal(); !rest.empty();) {
    const size_t end = rest.find(kEnd);
    const std::string pem(rest.substr(0, end == rest.npos ? end : end + kEnd.size()));
    rest.remove_prefix(pem.size());
    // What cannot be read is dropped with the next step.
    if (const auto one = VerifyingKeys::read(pem); one && one->ids().size() == 1)
      out.accepted.emplace_back(one->ids().front(), pem);
  }
  return out;
}

Result<Millis> Keeper::step() {
  auto stored = read();
  if (!stored) return std::unexpected(std::move(stored.error()));
  const Time now = clock_.now();
  Observed observed;
  const auto idOf = [](const auto& key) { return key ? key->id() : std::string(); };
  observed.signing = idOf(stored->signing);
  observed.next = idOf(stored->next);
  for (const auto& [id, pem] : stored->accepted) observed.accepted.push_back(id);
  observed.since = stored->since;
  if (stored->accepted.size() > 1) observed.carried = carried_();
  const Plan next = plan(observed, settings_, now);
  const auto accept = [&](const SigningKey& key) {
    stored->accepted.emplace_back(key.id(), key.publicPem());
  };
  const auto isAccepted = [&](const SigningKey& key) {
    return std::ranges::find(observed.accepted, key.id()) != observed.accepted.end();
  };
  switch (next.step) {
    case Step::Wait: {
      std::string all;
      for (const auto& [id, pem] : stored->accepted) all += pem;
      auto keys = VerifyingKeys::read(all);
      if (!keys) return std::unexpected(std::move(keys.error()));
      *accepted_.access() = std::move(*keys);
      const Millis look = std::min(kLongestLook, std::chrono::duration_cast<Millis>(settings_.settle) / 4);
      return std::clamp(std::min(next.until - now, look), kShortestLook, kLongestLook);
    }
    case Step::MakeFirst:
    case Step::Announce: {
      auto made = SigningKey::make();
      if (!made) return std::unexpected(std::move(made.error()));
      log::info("made a key of seals", {{"key", made->id()}});
      accept(*made);
      (next.step == Step::MakeFirst ? stored->signing : stored->next) = std::move(*made);
      break;
    }
    case Step::AcceptOwn:
      for (const auto* key : {&stored->signing, &stored->next})
        if (*key && !isAccepted(**key)) accept(**key);
      break;
    case Step::Switch:
      log::info("sealing with the next key", {{"key", stored->next->id()}});
      stored->signing = std::exchange(stored->next, std::nullopt);
      break;
    case Step::ForgetSpent:
      std::erase_if(stored->accepted, [&](const auto& key) { return next.spent.contains(key.first); });
      break;
  }
  if (next.step != Step::AcceptOwn && next.step != Step::ForgetSpent) stored->since = now;
  if (auto done = store(*stored); !done) return std::unexpected(std::move(done.error()));
  return Millis{0};
}

Result<void> Keeper::store(const Stored& next) const {
  api::SecretData data;
  std::string all;
  for (const auto& [id, pem] : next.accepted) all += pem;
  data.add("signing.pem", next.signing->privatePem().reveal());
  data.add("next.pem", next.next ? next.next->privatePem().reveal() : std::string_view());
  data.add("accepted.pem", all);
  data.add("since", formatTime(next.since));
  const nlohmann::json head = {{"apiVersion", "v1"},
                               {"kind", "Secret"},
                               {"metadata", {{"name", kSecret}, {"namespace", settings_.ns}}}};
  auto done = client_.applyRaw(api::kSecrets, settings_.ns, kSecret, data.with(head));
  if (!done) return std::unexpected(std::move(done.error()));
  return {};
}

}  // namespace errand::seals
