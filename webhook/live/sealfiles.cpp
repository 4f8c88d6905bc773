#include "webhook/live/sealfiles.hpp"

#include "core/base/log.hpp"
#include "core/base/sensitive.hpp"
#include "core/kube/config/files.hpp"
#include "core/kube/pause.hpp"

namespace errand::webhook {

Result<SealKeys> readSealKeys(const std::string& directory) {
  auto privateKey = kube::readFile(directory + "/signing.pem");
  if (!privateKey) return std::unexpected(std::move(privateKey.error()));
  const Sensitive pem(std::move(*privateKey));
  if (pem.empty()) return fail(ErrorKind::NotFound, directory + "/signing.pem is empty");
  auto signing = SigningKey::read(pem);
  if (!signing) return std::unexpected(std::move(signing.error()).in(directory + "/signing.pem"));
  auto publicKeys = kube::readFile(directory + "/accepted.pem");
  if (!publicKeys && publicKeys.error().kind != ErrorKind::NotFound)
    return std::unexpected(std::move(publicKeys.error()));
  // The two files may be of two moments: what this process signs it accepts in any case.
  auto accepted = VerifyingKeys::read(publicKeys.value_or("") + signing->publicPem());
  if (!accepted) return std::unexpected(std::move(accepted.error()).in(directory + "/accepted.pem"));
  return SealKeys{std::move(*signing), std::move(*accepted)};
}

SealFiles::SealFiles(std::string directory, Millis every) : directory_(std::move(directory)), every_(every) {
  if (directory_.empty()) return;
  look();
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

std::shared_ptr<const SealKeys> SealFiles::keys() { return *keys_.access(); }

void SealFiles::run(const std::stop_token& stop) {
  while (kube::systemPause()(every_, stop)) look();
}

void SealFiles::look() {
  auto read = readSealKeys(directory_);
  if (!read) {
    if (read.error().message != seen_) log::warn("no key to seal with", {{"error", read.error().message}});
    seen_ = read.error().message;
    return;
  }
  seen_.clear();
  auto next = std::make_shared<const SealKeys>(std::move(*read));
  const auto keys = keys_.access();
  if (*keys == nullptr || (*keys)->signing.id() != next->signing.id())
    log::info("sealing", {{"key", next->signing.id()}});
  *keys = std::move(next);
}

}  // namespace errand::webhook
