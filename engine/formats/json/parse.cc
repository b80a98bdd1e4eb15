#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <cstring>
#include <memory>
#include <unordered_set>

#include "engine/base/text.h"
#include "engine/formats/json/json.h"
#include "engine/formats/place.h"

namespace tombolo {
namespace {

// Takes RapidJSON's events and builds the tree. The stream tells how far the reader has come, hence where each value stood.
class Builder {
 public:
  Builder(std::string_view bytes, const rapidjson::MemoryStream& stream, Tree& tree, const JsonLimits& limits)
      : bytes_(bytes), stream_(stream), tree_(tree), limits_(limits) {
    frames_.reserve(16);
  }

  bool Null() { return scalar(JsonKind::null, "null"); }
  bool Bool(bool truth) { return scalar(JsonKind::boolean, truth ? "true" : "false"); }
  bool RawNumber(const char*, rapidjson::SizeType, bool) {
    const std::size_t begin = token();
    return scalar(JsonKind::number, bytes_.substr(begin, stream_.Tell() - begin));
  }
  bool String(const char* text, rapidjson::SizeType size, bool) {
    std::string_view kept;
    return keep({text, size}, kept) && scalar(JsonKind::string, kept);
  }
  bool Key(const char* text, rapidjson::SizeType size, bool) {
    if (size > UINT16_MAX) return stop(Kind::too_large, "a member's name may have 65535 bytes at most");
    if (!keep({text, size}, name_)) return false;
    if (!fresh(name_)) return stop(Kind::malformed, "this member stands twice in its object");
    done_ = stream_.Tell();
    return true;
  }
  bool StartObject() { return open(JsonKind::object); }
  bool StartArray() { return open(JsonKind::array); }
  bool EndObject(rapidjson::SizeType) { return close(); }
  bool EndArray(rapidjson::SizeType) { return close(); }
  // Not called: numbers come as text.
  bool Int(int) { return false; }
  bool Uint(unsigned) { return false; }
  bool Int64(std::int64_t) { return false; }
  bool Uint64(std::uint64_t) { return false; }
  bool Double(double) { return false; }

  void skip(std::size_t bytes) { done_ = bytes; }
  bool stopped() const { return stopped_; }
  Fault fault(std::size_t offset, std::string what) const { return {Kind::malformed, place(offset), std::move(what)}; }
  const Fault& fault() const { return fault_; }

 private:
  // An object or array that is not closed yet.
  struct Frame {
    NodeId parent = no_node;          // where its values are added
    NodeId node = no_node;            // the object or array itself; of an array whose items carry its name: none
    bool array = false;
    std::size_t begin = 0;
    std::size_t count = 0;
    std::string_view name;            // of the items
    std::unique_ptr<std::unordered_set<std::string_view>> names;  // of a large object
  };

  // Where the value or bracket that an event is about begins: after the last one, past blanks, colons and commas. (RapidJSON
  // tells of a bracket before it takes it, of anything else after.)
  std::size_t token() const {
    std::size_t at = done_;
    while (at < bytes_.size() && std::strchr(" \t\r\n:,", bytes_[at]) != nullptr) ++at;
    return at;
  }

  // The text as a view that lasts: into the bytes if it stands there as it is, else a copy.
  bool keep(std::string_view text, std::string_view& kept) {
    const std::size_t end = stream_.Tell() - 1;
    if (end >= text.size() && bytes_.substr(end - text.size(), text.size()) == text) {
      kept = bytes_.substr(end - text.size(), text.size());
      return true;
    }
    if (!valid_utf8(text)) return stop(Kind::malformed, "an escape stands for half a character");
    kept = tree_.arena().copy(text);
    return true;
  }

  // Is this the first member of that name in the open object? Beyond a few members by a set, so that no object is quadratic.
  bool fresh(std::string_view name) {
    Frame& frame = frames_.back();
    constexpr std::size_t few = 24;
    if (frame.count < few) return tree_.child(frame.node, name) == no_node;
    if (!frame.names) {
      frame.names = std::make_unique<std::unordered_set<std::string_view>>();
      for (const NodeId child : children(tree_, frame.node)) frame.names->insert(tree_[child].name());
    }
    return frame.names->insert(name).second;
  }

  // A node for the next value: the root, an item of the open array, or a member of the open object.
  NodeId next(JsonKind kind) {
    NodeId node = tree_.root();
    std::uint8_t flags = 0;
    if (!frames_.empty()) {
      Frame& frame = frames_.back();
      ++frame.count;
      node = tree_.add(frame.parent, frame.array ? frame.name : name_);
      flags = frame.array ? 8 : 0;
    }
    tree_[node].flags = static_cast<std::uint8_t>(flags | static_cast<std::uint8_t>(kind));
    return node;
  }

  bool scalar(JsonKind kind, std::string_view value) {
    if (tree_.size() > limits_.values) return stop(Kind::too_large, "more than " + std::to_string(limits_.values) + " values");
    const std::size_t begin = token();
    const NodeId node = next(kind);
    if (kind != JsonKind::null) tree_.set_value(node, value);
    done_ = stream_.Tell();
    finish(node, begin);
    return true;
  }

  void finish(NodeId node, std::size_t begin) {
    tree_[node].begin = static_cast<std::uint32_t>(begin);
    tree_[node].length = static_cast<std::uint32_t>(done_ - begin);
  }

  bool open(JsonKind kind) {
    if (frames_.size() >= limits_.depth) return stop(Kind::too_large, "nested more than " + std::to_string(limits_.depth) + " deep");
    if (tree_.size() > limits_.values) return stop(Kind::too_large, "more than " + std::to_string(limits_.values) + " values");
    Frame frame;
    frame.array = kind == JsonKind::array;
    frame.begin = token();
    if (frame.array && !frames_.empty() && !frames_.back().array) {
      frame.parent = frames_.back().parent;
      frame.name = name_;
    } else {
      frame.node = frame.parent = next(kind);
    }
    done_ = frame.begin + 1;
    frames_.push_back(std::move(frame));
    return true;
  }

  bool close() {
    done_ = token() + 1;
    Frame frame = std::move(frames_.back());
    frames_.pop_back();
    if (frame.node == no_node) {
      ++frames_.back().count;
      name_ = frame.name;
      if (frame.count == 0) frame.node = next(JsonKind::array);
    }
    if (frame.node != no_node) finish(frame.node, frame.begin);
    return true;
  }

  bool stop(Kind kind, std::string what) {
    stopped_ = true;
    fault_ = {kind, place(token()), std::move(what)};
    return false;
  }

  // The pointer of what is open, and the place of `offset`.
  std::string place(std::size_t offset) const {
    std::string pointer;
    for (std::size_t i = 0; i < frames_.size(); ++i) {
      const Frame& frame = frames_[i];
      const bool innermost = i + 1 == frames_.size();
      if (frame.array) pointer += (frame.node == no_node ? "/" + std::string(frame.name) : "") + "/" + std::to_string(frame.count - (innermost ? 0 : 1));
      else if (!innermost && frames_[i + 1].node != no_node) pointer += "/" + std::string(tree_[frames_[i + 1].node].name());
    }
    return pointer + (pointer.empty() ? "" : " ") + line_and_column(bytes_, offset);
  }

  std::string_view bytes_;
  const rapidjson::MemoryStream& stream_;
  Tree& tree_;
  const JsonLimits& limits_;
  std::vector<Frame> frames_;
  std::string_view name_;             // of the member whose value comes next
  std::size_t done_ = 0;              // end of the last token
  bool stopped_ = false;
  Fault fault_;
};

Result<void> check_bytes(std::string_view bytes) {
  if (bytes.size() > UINT32_MAX) return Fault{Kind::too_large, "", "a JSON text may have 4 GiB at most"};
  const std::size_t bad = not_utf8(bytes);
  if (bad == bytes.npos) return {};
  return Fault{Kind::malformed, line_and_column(bytes, bad), bytes[bad] == '\0' ? "a NUL byte is not JSON" : "this is not UTF-8"};
}

}  // namespace

Result<void> parse_json(std::string_view bytes, Tree& tree, const JsonLimits& limits) {
  if (auto sound = check_bytes(bytes); !sound) return sound;
  const std::string_view mark = "\xEF\xBB\xBF";
  rapidjson::MemoryStream stream(bytes.data(), bytes.size());
  if (bytes.starts_with(mark)) stream.src_ += mark.size();
  Builder builder(bytes, stream, tree, limits);
  if (bytes.starts_with(mark)) builder.skip(mark.size());
  rapidjson::Reader reader;
  constexpr unsigned flags = rapidjson::kParseIterativeFlag | rapidjson::kParseNumbersAsStringsFlag;
  const rapidjson::ParseResult read = reader.Parse<flags>(stream, builder);
  if (builder.stopped()) return builder.fault();
  if (read.IsError()) return builder.fault(read.Offset(), rapidjson::GetParseError_En(read.Code()));
  return {};
}

}  // namespace tombolo
