#include "tests/support/power_cut.h"

#include <sqlite3.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <mutex>
#include <new>
#include <random>
#include <vector>

namespace tombolo::test {
namespace {

constexpr std::size_t sector = 512;
constexpr std::size_t most = 64 << 10;  // bytes in one call: SQLite's own files take less than 128 KiB

// A file as the process sees it, and which of its sectors the real file does not have yet.
struct Image {
  std::string bytes;
  std::vector<bool> dirty;
  std::vector<std::size_t> changed;    // the dirty sectors, each once
  std::vector<sqlite3_file*> handles;  // real files open on it

  void mark(std::size_t from, std::size_t to) {
    dirty.resize(std::max(dirty.size(), to / sector + 1));
    for (std::size_t s = from / sector; s * sector < to; ++s) {
      if (dirty[s]) continue;
      dirty[s] = true;
      changed.push_back(s);
    }
  }
  // Writes one sector of the image to the real file.
  static int write(const Image& image, sqlite3_file* real, std::size_t s) {
    const std::size_t begin = s * sector;
    if (begin >= image.bytes.size()) return SQLITE_OK;
    const auto size = static_cast<int>(std::min(sector, image.bytes.size() - begin));
    return real->pMethods->xWrite(real, image.bytes.data() + begin, size, static_cast<sqlite3_int64>(begin));
  }
  void clean() {
    for (const auto s : changed) dirty[s] = false;
    changed.clear();
  }
};

}  // namespace

struct PowerCut::Disk {
  Disk(const std::string& as, const Plan& wanted) : plan(wanted), chance(wanted.seed), name(as), real(sqlite3_vfs_find(nullptr)) {}

  // Counts one step; not SQLITE_OK if it is to fail.
  int step() {
    const std::uint64_t now = count++;
    if (now < fail_from || now >= fail_until) return SQLITE_OK;
    hit = true;
    if (fault == Fault::cut) go_dark();
    return fault == Fault::full ? SQLITE_FULL : fault == Fault::broken ? SQLITE_IOERR_WRITE : SQLITE_IOERR;
  }

  bool luck(double probability) { return probability > 0 && std::uniform_real_distribution<>()(chance) < probability; }

  int sync(Image& image, sqlite3_file* file) {
    if (!plan.heed_sync) return SQLITE_OK;
    std::sort(image.changed.begin(), image.changed.end());
    for (std::size_t i = 0; i < image.changed.size();) {  // neighbours in one write
      std::size_t end = i + 1;
      while (end < image.changed.size() && image.changed[end] == image.changed[end - 1] + 1 && (end - i + 1) * sector <= most) ++end;
      const std::size_t begin = image.changed[i] * sector;
      const std::size_t stop = std::min((image.changed[end - 1] + 1) * sector, image.bytes.size());
      if (begin < stop) {
        const int code = file->pMethods->xWrite(file, image.bytes.data() + begin, static_cast<int>(stop - begin), static_cast<sqlite3_int64>(begin));
        if (code != SQLITE_OK) return code;
      }
      i = end;
    }
    image.clean();
    return file->pMethods->xTruncate(file, static_cast<sqlite3_int64>(image.bytes.size()));
  }

  // The cut: of what was not synced some sectors are kept, by chance; the rest is forgotten.
  void go_dark() {
    if (dark) return;
    dark = true;
    ++generation;
    for (auto& [path, image] : images) {
      if (image->handles.empty() || plan.early <= 0) continue;
      std::shuffle(image->changed.begin(), image->changed.end(), chance);
      const double share = std::uniform_real_distribution<>()(chance);
      for (const auto s : image->changed) {
        if (luck(share)) Image::write(*image, image->handles.front(), s);
      }
    }
    images.clear();
  }

  const Plan plan;
  std::mt19937_64 chance;
  const std::string name;
  sqlite3_vfs* const real;
  sqlite3_vfs vfs{};
  std::map<std::string, std::shared_ptr<Image>> images;
  std::uint64_t count = 0, fail_from = ~0ull, fail_until = ~0ull, generation = 0;
  Fault fault = Fault::full;
  bool hit = false, dark = false;
  std::mutex mutex;
};

namespace {

// What SQLite sees as a file: ours, then the real one behind it in the same memory.
template <class Disk>
struct File {
  sqlite3_file base;
  Disk* disk;
  std::shared_ptr<Image> image;
  std::uint64_t generation;

  static File& of(sqlite3_file* f) { return *reinterpret_cast<File*>(f); }
  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
  bool dead() const { return generation != disk->generation; }

  static int close(sqlite3_file* f) {
    File& file = of(f);
    const std::lock_guard lock(file.disk->mutex);
    std::erase(file.image->handles, file.real());
    const int code = file.real()->pMethods->xClose(file.real());
    file.image.~shared_ptr();
    return code;
  }

  static int read(sqlite3_file* f, void* to, int size, sqlite3_int64 from) {
    File& file = of(f);
    const std::lock_guard lock(file.disk->mutex);
    if (file.dead()) return SQLITE_IOERR_READ;
    const std::string& bytes = file.image->bytes;
    const auto begin = std::min(static_cast<std::size_t>(from), bytes.size());
    const auto there = std::min(static_cast<std::size_t>(size), bytes.size() - begin);
    std::memcpy(to, bytes.data() + begin, there);
    std::memset(static_cast<char*>(to) + there, 0, static_cast<std::size_t>(size) - there);
    return there == static_cast<std::size_t>(size) ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
  }

  static int write(sqlite3_file* f, const void* from, int size, sqlite3_int64 to) {
    File& file = of(f);
    const std::lock_guard lock(file.disk->mutex);
    if (file.dead()) return SQLITE_IOERR_WRITE;
    if (const int code = file.disk->step(); code != SQLITE_OK) return code;
    Image& image = *file.image;
    const auto begin = static_cast<std::size_t>(to), end = begin + static_cast<std::size_t>(size);
    if (image.bytes.size() < end) image.bytes.resize(end);
    std::memcpy(image.bytes.data() + begin, from, static_cast<std::size_t>(size));
    image.mark(begin, end);
    for (std::size_t s = begin / sector; s * sector < end; ++s) {
      if (file.disk->luck(file.disk->plan.early)) Image::write(image, file.real(), s);
    }
    return SQLITE_OK;
  }

  static int truncate(sqlite3_file* f, sqlite3_int64 size) {
    File& file = of(f);
    const std::lock_guard lock(file.disk->mutex);
    if (file.dead()) return SQLITE_IOERR_TRUNCATE;
    if (const int code = file.disk->step(); code != SQLITE_OK) return code;
    file.image->bytes.resize(static_cast<std::size_t>(size));
    return SQLITE_OK;
  }

  static int sync(sqlite3_file* f, int) {
    File& file = of(f);
    const std::lock_guard lock(file.disk->mutex);
    if (file.dead()) return SQLITE_IOERR_FSYNC;
    if (const int code = file.disk->step(); code != SQLITE_OK) return code;
    return file.disk->sync(*file.image, file.real());
  }

  static int file_size(sqlite3_file* f, sqlite3_int64* size) {
    File& file = of(f);
    const std::lock_guard lock(file.disk->mutex);
    if (file.dead()) return SQLITE_IOERR_FSTAT;
    *size = static_cast<sqlite3_int64>(file.image->bytes.size());
    return SQLITE_OK;
  }

  static int lock(sqlite3_file* f, int kind) { return of(f).real()->pMethods->xLock(of(f).real(), kind); }
  static int unlock(sqlite3_file* f, int kind) { return of(f).real()->pMethods->xUnlock(of(f).real(), kind); }
  static int check_lock(sqlite3_file* f, int* out) { return of(f).real()->pMethods->xCheckReservedLock(of(f).real(), out); }
  static int control(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
  static int sector_size(sqlite3_file*) { return sector; }
  // Bytes beside a write are never harmed: what is torn is torn between sectors.
  static int traits(sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }
  static int shm_map(sqlite3_file* f, int page, int size, int extend, void volatile** out) {
    return of(f).real()->pMethods->xShmMap(of(f).real(), page, size, extend, out);
  }
  static int shm_lock(sqlite3_file* f, int from, int n, int flags) {
    return of(f).real()->pMethods->xShmLock(of(f).real(), from, n, flags);
  }
  static void shm_barrier(sqlite3_file* f) { of(f).real()->pMethods->xShmBarrier(of(f).real()); }
  static int shm_unmap(sqlite3_file* f, int remove) { return of(f).real()->pMethods->xShmUnmap(of(f).real(), remove); }

  static const sqlite3_io_methods* methods() {
    static const sqlite3_io_methods all{2,          close,        read,    write,       truncate, sync,    file_size,
                                        lock,       unlock,       check_lock, control,  sector_size, traits, shm_map,
                                        shm_lock,   shm_barrier,  shm_unmap, nullptr,   nullptr};
    return &all;
  }

  static int load(sqlite3_file* real, Image& image) {
    sqlite3_int64 size = 0;
    if (const int code = real->pMethods->xFileSize(real, &size); code != SQLITE_OK) return code;
    image.bytes.resize(static_cast<std::size_t>(size));
    for (std::size_t at = 0; at < image.bytes.size(); at += most) {
      const auto n = static_cast<int>(std::min(most, image.bytes.size() - at));
      const int code = real->pMethods->xRead(real, image.bytes.data() + at, n, static_cast<sqlite3_int64>(at));
      if (code != SQLITE_OK) return code;
    }
    return SQLITE_OK;
  }

  static int open(sqlite3_vfs* vfs, const char* path, sqlite3_file* f, int flags, int* out) {
    Disk& disk = *static_cast<Disk*>(vfs->pAppData);
    const std::lock_guard guard(disk.mutex);
    if ((flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL)) == 0) return disk.real->xOpen(disk.real, path, f, flags, out);
    f->pMethods = nullptr;
    if (disk.dark) return SQLITE_CANTOPEN;
    File* file = new (f) File{{nullptr}, &disk, nullptr, disk.generation};
    if (const int code = disk.real->xOpen(disk.real, path, file->real(), flags, out); code != SQLITE_OK) return code;
    auto& image = disk.images[path];
    if (!image) {
      image = std::make_shared<Image>();
      if (const int code = load(file->real(), *image); code != SQLITE_OK) {
        disk.images.erase(path);
        file->real()->pMethods->xClose(file->real());
        return code;
      }
    }
    image->handles.push_back(file->real());
    file->image = image;
    file->base.pMethods = methods();
    return SQLITE_OK;
  }

  static int remove(sqlite3_vfs* vfs, const char* path, int sync_folder) {
    Disk& disk = *static_cast<Disk*>(vfs->pAppData);
    const std::lock_guard guard(disk.mutex);
    if (disk.dark) return SQLITE_IOERR_DELETE;
    disk.images.erase(path);
    return disk.real->xDelete(disk.real, path, sync_folder);
  }
};

}  // namespace

PowerCut::PowerCut(const std::string& name, const Plan& plan) : disk_(std::make_unique<Disk>(name, plan)) {
  using Ours = File<Disk>;
  sqlite3_vfs& vfs = disk_->vfs;
  vfs = *disk_->real;
  vfs.pNext = nullptr;
  vfs.zName = disk_->name.c_str();
  vfs.pAppData = disk_.get();
  vfs.szOsFile = static_cast<int>(sizeof(Ours)) + disk_->real->szOsFile;
  vfs.xOpen = Ours::open;
  vfs.xDelete = Ours::remove;
  sqlite3_vfs_register(&vfs, plan.as_default ? 1 : 0);
}

PowerCut::~PowerCut() { sqlite3_vfs_unregister(&disk_->vfs); }

void PowerCut::cut() {
  const std::lock_guard lock(disk_->mutex);
  disk_->go_dark();
}

void PowerCut::power_on() {
  const std::lock_guard lock(disk_->mutex);
  disk_->dark = false;
  disk_->fail_from = disk_->fail_until = ~0ull;
}

void PowerCut::fail_at(std::uint64_t nth, Fault fault, std::uint64_t times) {
  const std::lock_guard lock(disk_->mutex);
  disk_->fault = fault;
  disk_->fail_from = disk_->count + nth;
  disk_->fail_until = disk_->fail_from + times;
  disk_->hit = false;
}

void PowerCut::fail_no_more() {
  const std::lock_guard lock(disk_->mutex);
  disk_->fail_from = disk_->fail_until = ~0ull;
}

bool PowerCut::failed() const {
  const std::lock_guard lock(disk_->mutex);
  return disk_->hit;
}

std::uint64_t PowerCut::steps() const {
  const std::lock_guard lock(disk_->mutex);
  return disk_->count;
}

}  // namespace tombolo::test
