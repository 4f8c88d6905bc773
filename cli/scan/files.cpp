#include "cli/scan/files.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

namespace errand::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kLargest = 64 << 20;

bool isManifest(const fs::path& path) {
  const std::string extension = path.extension().string();
  return extension == ".yaml" || extension == ".yml" || extension == ".json";
}

void readOne(const fs::path& path, std::vector<Input>& out, std::vector<Broken>& broken) {
  std::error_code error;
  const std::uintmax_t size = fs::file_size(path, error);
  if (!error && size > kLargest) return broken.push_back({path.string(), 0, "is larger than 64 MiB"});
  std::ifstream file(path, std::ios::binary);
  std::string text;
  if (!error) text.reserve(size);
  text.assign(std::istreambuf_iterator<char>(file), {});
  if (!file.good() && !file.eof()) return broken.push_back({path.string(), 0, "cannot be read"});
  out.push_back({path.string(), std::move(text)});
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
      out.push_back({"stdin", std::string(std::istreambuf_iterator<char>(std::cin), {})});
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
