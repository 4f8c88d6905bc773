#include "cli/scan/files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>

namespace errand::cli {
namespace {

namespace fs = std::filesystem;

constexpr size_t kLargest = 64 << 20;  // bytes

bool isManifest(const fs::path& path) {
  const std::string extension = path.extension().string();
  return extension == ".yaml" || extension == ".yml" || extension == ".json";
}

// Returns the folder of the Helm chart that has this file among its templates; empty if there is none.
fs::path chartOf(const fs::path& file) {
  std::error_code error;
  for (fs::path folder = fs::absolute(file, error).parent_path(); folder.has_relative_path();
       folder = folder.parent_path())
    if (folder.filename() == "templates" && fs::exists(folder.parent_path() / "Chart.yaml", error))
      return folder.parent_path();
  return {};
}

class Collector {
 public:
  explicit Collector(bool skipTemplates) : skipTemplates_(skipTemplates) {}

  void take(const std::string& path) {
    std::error_code error;
    if (path == "-")
      readStream(std::cin, "stdin", {});
    else if (fs::is_directory(path, error))
      readFolder(path);
    else if (fs::exists(path, error))
      readOne(path);
    else
      breaks(path, error ? error.message() : "there is no such file");
  }

  Inputs finish() && {
    for (const auto& [chart, count] : templates_) {
      const std::string message = fmt::format(
          "{} template{} of a Helm chart, render {} first: helm template {} | kubectl errand scan -", count,
          count == 1 ? "" : "s", count == 1 ? "it" : "them", chart);
      (skipTemplates_ ? out_.passed : out_.broken).push_back({chart + "/templates", 0, message});
    }
    return std::move(out_);
  }

 private:
  void breaks(std::string what, std::string message) {
    out_.broken.push_back({std::move(what), 0, std::move(message)});
  }

  // Counts the bytes as they arrive, because a pipe or a device has no size in the file system.
  void readStream(std::istream& stream, std::string name, const fs::path& chart) {
    std::string text;
    std::array<char, size_t{64} * 1024> chunk;
    while (stream.good() && text.size() <= kLargest) {
      stream.read(chunk.data(), chunk.size());
      text.append(chunk.data(), static_cast<size_t>(stream.gcount()));
    }
    if (text.size() > kLargest) return breaks(std::move(name), "is larger than 64 MiB");
    if (!stream.eof()) return breaks(std::move(name), "cannot be read");
    std::error_code failed;  // if there is no working directory, names the chart by its whole path
    if (!chart.empty() && text.find("{{") != std::string::npos)
      ++templates_[chart.lexically_proximate(fs::current_path(failed)).string()];
    else
      out_.files.push_back({std::move(name), std::move(text)});
  }

  void readOne(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    readStream(file, path.string(), chartOf(path));
  }

  void readFolder(const fs::path& folder) {
    std::vector<fs::path> files, folders;
    std::error_code error;
    for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
      std::error_code failed;
      const fs::file_status own = it->symlink_status(failed);
      if (fs::is_directory(own)) {
        folders.push_back(it->path());
      } else if (isManifest(it->path())) {
        const fs::file_status target = it->status(failed);
        if (fs::is_regular_file(target))
          files.push_back(it->path());
        else if (!fs::exists(target))
          breaks(it->path().string(), fs::is_symlink(own) ? "is a link to nothing" : failed.message());
        else if (!fs::is_directory(target))
          breaks(it->path().string(), "is no regular file");
      }
    }
    if (error) breaks(folder.string(), fmt::format("cannot be opened: {}", error.message()));
    std::ranges::sort(files);
    std::ranges::sort(folders);
    for (const fs::path& file : files) readOne(file);
    for (const fs::path& below : folders) readFolder(below);
  }

  bool skipTemplates_;
  Inputs out_;
  std::map<std::string, size_t> templates_;  // by chart
};

}  // namespace

Inputs readInputs(const std::vector<std::string>& paths, bool skipTemplates) {
  Collector collector(skipTemplates);
  for (const std::string& path : paths) collector.take(path);
  return std::move(collector).finish();
}

}  // namespace errand::cli
