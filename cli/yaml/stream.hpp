// Splits a stream into the documents that kubectl reads from it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace errand::cli {

// One document of a stream.
struct YamlChunk {
  std::string_view text;
  int firstLine;
  std::shared_ptr<const std::string> owner = {};  // owns `text`, unless `text` is a part of the stream
};

// Returns the documents of a stream without their separators and byte order marks: YAML documents, and JSON
// values that follow each other. Each can be parsed by itself, so that a broken one does not hide the rest.
// Outside of JSON, the line breaks of YAML 1.1 count as well (CR, NEL, U+2028, U+2029).
std::vector<YamlChunk> splitStream(std::string_view text);

}  // namespace errand::cli
