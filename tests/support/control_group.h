#pragma once
#include <cstdint>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <string>
#include <unistd.h>

namespace lodestone::test {

/// A control group of Linux of its own (version 1 or 2, cgroups(7)), directly below the top, whose processes
/// may take so much memory together. Making one takes rights that not everybody has: isValid() tells.
class ControlGroup {
public:
    explicit ControlGroup(std::int64_t mostBytes)
    {
        for (const auto& [top, limit] : {std::pair("/sys/fs/cgroup/memory", "memory.limit_in_bytes"),
                                         std::pair("/sys/fs/cgroup", "memory.max")}) {
            std::error_code failed;
            m_folder = fmt::format("{}/lodestone-test-{}", top, ::getpid());
            if (!std::filesystem::create_directory(m_folder, failed) || failed)
                continue;
            std::ofstream file(m_folder + "/" + limit, std::ios::in); // it is there, or the controller is not
            file << mostBytes << std::flush;
            m_members = m_folder + "/cgroup.procs";
            m_valid = bool(file);
            if (m_valid)
                return;
            std::filesystem::remove(m_folder, failed);
        }
    }
    ~ControlGroup()
    {
        if (m_valid)
            ::rmdir(m_folder.c_str());
    }
    ControlGroup(const ControlGroup&) = delete;
    ControlGroup& operator=(const ControlGroup&) = delete;

    bool isValid() const { return m_valid; }

    /// Moves the calling process into the group; may be called between fork and exec.
    void join() const
    {
        const int file = ::open(m_members.c_str(), O_WRONLY | O_CLOEXEC);
        if (file < 0 || ::write(file, "0", 1) != 1)
            ::_exit(126);
        ::close(file);
    }

private:
    std::string m_folder, m_members;
    bool m_valid = false;
};

} // namespace lodestone::test
