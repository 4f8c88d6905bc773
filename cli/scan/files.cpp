#include "cli/scan/files.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iostream>

namespace errand::cli {
namespace {

namespace fs = std::filesystem;

constexpr size_t kLargest = 64 << 20;

bool isManifest(const fs::path& path) {
  const std::string extension = path.extension().string();
  return extension == ".yaml" || extension == ".yml" || extension == ".json";
}

// Counts the bytes that arrive, because a pipe or a device has no size in the file system.
void readStream(std::istream& stream, std::string name, std::vector<Input>& out,
                std::vector<Broken>& broken) {
  std::string text;
  std::array<char, size_t{64} * 1024> chunk;
  while (stream.good() && text.size() <= kLargest) {
    stream.read(chunk.data(), chunk.size());
    text.append(chunk.data(), static_cast<size_t>(stream.gcount()));
  }
  if (text.size() > kLargest) return broken.push_back({std::move(name), 0, "is larger than 64 MiB"});
  if (!stream.eof()) return broken.push_back({std::move(name), 0, "cannot be read"});
  out.push_back({std::move(name), std::move(text)});
}

void readOne(const fs::path& path, std::vector<Input>& out, std::vector<Broken>& broken) {
  std::ifstream file(path, std::ios::binary);
  readStream(file, path.string(), out, broken);
}

void readFolder(const fs::path& folder, std::vector<Input>& out, std::vector<Broken>& broken) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::recursive_directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
    if (isManifest(it->path()) && it->is_regular_file(error)) files.push_back(it->path());
  if (error) broken.push_back({folder.string(), 0, error.message()});
  std::ranges::sort(files);
  for (const fs::path& file : files) readOne(file, out, broken);
}

}  // namespace

std::vector<Input> readInputs(const std::vector<std::string>& paths, std::vector<Broken>& broken) {
  std::vector<Input> out;
  for (const std::string& path : paths) {
    std::error_code error;
    if (path == "-") {
      readStream(std::cin, "stdin", out, broken);
    } else if (fs::is_directory(path, error)) {
      readFolder(path, out, broken);
    } else if (fs::exists(path, error)) {
      readOne(path, out, broken);
    } else {
      broken.push_back({path, 0, error ? error.message() : "there is no such file"});
    }
  }
  return out;
}

}  // namespace errand::cli
