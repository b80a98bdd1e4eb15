#include "engine/store/query.h"

#include <filesystem>
#include <map>

#include "engine/store/ledger.h"
#include "engine/store/names.h"
#include "engine/store/pack.h"
#include "engine/store/schema.h"
#include "engine/store/search.h"
#include "engine/store/sqlite.h"

namespace tombolo::store {
namespace {

// One moment of the store: reads belong together.
class Moment {
 public:
  explicit Moment(Database& database) : database_(database) { database_.query("begin").run(); }
  ~Moment() {
    try {
      database_.query("rollback").run();
    } catch (const SqlError&) {  // it ends with the connection
    }
  }
  Moment(const Moment&) = delete;
  Moment& operator=(const Moment&) = delete;

 private:
  Database& database_;
};

}  // namespace

struct Reader::Open {
  explicit Open(const std::string& folder, const std::string& vfs) : database(path(folder), Database::Mode::read, vfs), names(database) {
    require_current(database);
    Query q = database.query("select value from about where what = 'name'");
    if (q.step()) name = q.copy(0);
  }
  static std::string path(const std::string& folder) {
    const std::string path = folder + "/tombolo.db";
    if (!std::filesystem::exists(path)) throw Error(Error::Reason::broken, "store: there is none in " + folder);
    return path;
  }

  Found found(const Query& q) {
    Found f;
    f.sequence = q.count(0);
    f.received_at = q.time(1);
    f.channel = names.text(q.number(2));
    f.sender = q.copy(3);
    f.type = q.copy(4);
    f.control_id = q.copy(5);
    f.status = static_cast<Status>(q.number(6));
    f.answer = q.copy(7);
    f.detail = q.copy(8);
    f.size = q.count(9);
    return f;
  }

  void count_deliveries(Found& f) {
    Query q = database.query("select fate, count(*) from delivery where parcel = ? group by fate");
    q.with(f.sequence);
    while (q.step()) {
      const int n = static_cast<int>(q.number(1));
      switch (static_cast<Fate>(q.number(0))) {
        case Fate::waiting: f.waiting = n; break;
        case Fate::delivered: f.delivered = n; break;
        case Fate::dead: f.dead = n; break;
        case Fate::skipped: f.skipped = n; break;
      }
    }
  }

  bool kept(BodyNumber number) {
    Query q = database.query("select 1 from body where number = ?");
    return q.with(number).step();
  }

  std::vector<ShownDelivery> deliveries(const Shown& parcel) {
    std::vector<ShownDelivery> all;
    Query q = database.query(
        "select number, destination, nth, body, content_type, control_id, order_keys, attempts, due, fate, at, code, detail "
        "from delivery where parcel = ? order by number");
    q.with(parcel.about.sequence);
    while (q.step()) {
      ShownDelivery s;
      Delivery& d = s.row;
      d.number = q.count(0);
      d.sequence = parcel.about.sequence;
      d.channel = parcel.about.channel;
      d.type = parcel.about.type;
      d.received_at = parcel.about.received_at;
      d.destination = names.text(q.number(1));
      d.id = delivery_id(name, d.sequence, d.destination, static_cast<int>(q.number(2)));
      d.body = q.count(3);
      d.content_type = names.text(q.number(4));
      d.control_id = q.copy(5);
      d.order_keys = q.null(6) ? parcel.order_keys : unpack(q.text(6));
      d.attempts = static_cast<int>(q.number(7));
      d.due = q.time(8);
      s.fate = static_cast<Fate>(q.number(9));
      s.kept = kept(d.body);
      s.outcomes = outcomes(d.number);
      if (s.fate != Fate::waiting) s.outcomes.push_back({q.time(10), q.copy(11), q.copy(12)});
      all.push_back(std::move(s));
    }
    return all;
  }

  std::vector<Attempt> outcomes(DeliveryNumber delivery) {
    std::vector<Attempt> all;
    Query q = database.query("select at, code, detail from attempt where delivery = ? order by number");
    q.with(delivery);
    while (q.step()) all.push_back({q.time(0), q.copy(1), q.copy(2)});
    return all;
  }

  std::vector<std::pair<std::string, std::string>> keys(Sequence parcel) {
    std::vector<std::pair<std::string, std::string>> all;
    Query q = database.query("select keys from label where parcel = ? order by number");
    q.with(parcel);
    while (q.step()) {
      auto texts = unpack(q.blob(0));
      for (std::size_t i = 0; i + 1 < texts.size(); i += 2) all.emplace_back(std::move(texts[i]), std::move(texts[i + 1]));
    }
    return all;
  }

  Database database;
  Names names;
  std::string name;
};

Reader::Reader(const std::string& folder, const std::string& vfs) : open_(std::make_unique<Open>(folder, vfs)) {}
Reader::~Reader() = default;

const std::string& Reader::name() const { return open_->name; }

constexpr const char* columns =
    "select p.sequence, p.received_at, p.channel, p.sender, p.type, p.control_id, p.status, p.answer, p.detail, p.size";

std::vector<Found> Reader::find(const Search& search) {
  const Moment moment(open_->database);
  const Where where = Searching(open_->database, open_->names).where(search);
  std::vector<Found> all;
  Query q = open_->database.query(columns + (" from parcel p" + where.text()) + " order by p.sequence desc");
  where.bind(q);
  while (all.size() < search.limit && q.step()) {
    all.push_back(open_->found(q));
    open_->count_deliveries(all.back());
  }
  return all;
}

std::optional<Shown> Reader::show(Sequence sequence) {
  const Moment moment(open_->database);
  Query q = open_->database.query(
      std::string(columns) + ", p.peer, p.config, p.other_content, p.order_keys, p.body from parcel p where p.sequence = ?");
  if (!q.with(sequence).step()) return std::nullopt;
  Shown s;
  s.about = open_->found(q);
  open_->count_deliveries(s.about);
  s.peer = q.copy(10);
  s.config = open_->names.text(q.number(11));
  s.other_content = q.number(12) != 0;
  s.order_keys = unpack(q.text(13));
  s.kept = open_->kept(q.count(14));
  s.keys = open_->keys(sequence);
  s.deliveries = open_->deliveries(s);
  return s;
}

std::optional<std::string> Reader::bytes(Sequence sequence) {
  Query q = open_->database.query("select bytes from parcel join body on body.number = parcel.body where sequence = ?");
  return q.with(sequence).step() ? std::optional(std::string(q.blob(0))) : std::nullopt;
}

std::optional<std::string> Reader::body(BodyNumber number) {
  Query q = open_->database.query("select bytes from body where number = ?");
  return q.with(number).step() ? std::optional(std::string(q.blob(0))) : std::nullopt;
}

std::optional<std::string> Reader::config(const std::string& hash) {
  Query q = open_->database.query("select text from config where hash = ?");
  return q.with(hash).step() ? std::optional(q.copy(0)) : std::nullopt;
}

std::vector<Count> Reader::counts() {
  const Moment moment(open_->database);
  std::map<std::pair<std::string, std::string>, Count> all;
  const auto add = [&](const char* sql, std::size_t Count::*which) {
    Query q = open_->database.query(sql);
    while (q.step()) {
      std::pair<std::string, std::string> place{open_->names.text(q.number(0)), q.null(1) ? std::string() : open_->names.text(q.number(1))};
      Count& c = all[place];
      c.channel = place.first;
      c.destination = place.second;
      c.*which = q.count(2);
      if (!q.null(3)) c.oldest = q.time(3);
    }
  };
  add("select g.channel, null, n, p.received_at from (select channel, count(*) n, min(sequence) first from parcel where status = 0 "
      "group by channel) g join parcel p on p.sequence = first", &Count::waiting);
  add("select channel, null, count(*), null from parcel where status = 1 group by channel", &Count::held);
  add("select channel, null, count(*), null from parcel where status = 4 group by channel", &Count::dead);
  add("select g.channel, g.destination, n, p.received_at from (select channel, destination, count(*) n, min(number) first "
      "from delivery where fate = 0 group by channel, destination) g join delivery d on d.number = first "
      "join parcel p on p.sequence = d.parcel", &Count::waiting);
  add("select channel, destination, count(*), null from delivery where fate = 2 group by channel, destination", &Count::dead);
  std::vector<Count> list;
  for (auto& [place, count] : all) list.push_back(std::move(count));
  return list;
}

}  // namespace tombolo::store
