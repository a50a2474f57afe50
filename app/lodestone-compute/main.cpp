#include "engine/commands.h"

int main(int argc, char** argv)
{
    return lodestone::runEngine(std::vector<std::string>(argv + 1, argv + argc));
}
