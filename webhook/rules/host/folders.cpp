#include "webhook/rules/host/folders.hpp"

#include <algorithm>
#include <array>
#include <filesystem>

namespace errand::webhook {
namespace {

// The policy errand-pods has the same list (manifests/admission/policies).
constexpr std::array kFolders = std::to_array<std::string_view>({
    "/etc/kubernetes",
    "/etc/rancher",
    "/home",
    "/opt/spire",
    "/proc",
    "/root",
    "/run/containerd",
    "/run/cri-dockerd.sock",
    "/run/crio",
    "/run/docker.sock",
    "/run/k3s",
    "/run/spire",
    "/tmp/spire-agent",
    "/var/lib/containerd",
    "/var/lib/docker",
    "/var/lib/etcd",
    "/var/lib/kubelet",
    "/var/lib/rancher",
    "/var/run/containerd",
    "/var/run/cri-dockerd.sock",
    "/var/run/crio",
    "/var/run/docker.sock",
    "/var/run/k3s",
    "/var/run/spire",
});

bool within(std::string_view path, std::string_view folder) {
  return path == folder || (path.starts_with(folder) && path.substr(folder.size()).starts_with('/'));
}

std::string normalised(std::string_view path) {
  std::string out = std::filesystem::path("/" + std::string(path)).lexically_normal().string();
  out.erase(
      0, out.find_first_not_of('/') == std::string::npos ? out.size() - 1 : out.find_first_not_of('/') - 1);
  while (out.size() > 1 && out.ends_with('/')) out.pop_back();
  return out;
}

}  // namespace

std::optional<std::string_view> guardedFolder(std::string_view path) {
  const std::string clean = normalised(path);
  const auto found = std::ranges::find_if(kFolders, [&](std::string_view folder) {
    return clean == "/" || within(clean, folder) || within(folder, clean);
  });
  return found == kFolders.end() ? std::nullopt : std::optional(*found);
}

}  // namespace errand::webhook
