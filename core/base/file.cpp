#include "core/base/file.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <memory>
#include <system_error>

namespace errand {
namespace {

constexpr size_t kLargest = size_t{1} << 20;

struct Close {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

// A buffer that leaves no copy of a credential.
struct Buffer {
  Buffer() : text(kLargest + 1, '\0') {}
  Buffer(const Buffer&) = delete;
  ~Buffer() { Sensitive::wipe(text); }
  std::string text;
};

}  // namespace

Result<std::string> readFile(const std::filesystem::path& path) {
  const auto cannot = [&](int error) {
    return fail(error == ENOENT ? ErrorKind::NotFound : ErrorKind::Invalid,
                fmt::format("read {}: {}", path.string(), std::generic_category().message(error)));
  };
  const std::unique_ptr<std::FILE, Close> file(std::fopen(path.c_str(), "rbe"));
  if (!file) return cannot(errno);
  // Unbuffered, so that stdio keeps no copy of a credential.
  std::setvbuf(file.get(), nullptr, _IONBF, 0);
  Buffer buffer;
  std::string& out = buffer.text;
  size_t size = 0;
  while (size < out.size()) {
    errno = 0;
    const size_t n = std::fread(out.data() + size, 1, out.size() - size, file.get());
    if (n == 0 && std::ferror(file.get()) != 0) return cannot(errno);
    if (n == 0) break;
    size += n;
  }
  if (size > kLargest)
    return fail(ErrorKind::Invalid, fmt::format("read {}: larger than 1 MiB", path.string()));
  return std::string(out, 0, size);
}

Result<Sensitive> readSecretFile(const std::filesystem::path& path) {
  auto text = readFile(path);
  if (!text) return std::unexpected(std::move(text.error()));
  // Wipes the text as well, because the move of a short string copies it.
  Sensitive out(std::move(*text));
  Sensitive::wipe(*text);
  return out;
}

}  // namespace errand
