export const INSTALL_HELP = `Usage: tenon install [HANDLE…] [options]

Downloads modules to the cache and makes sure that they are, byte for byte, those that the lockfile
tenon.lock names: by the SHA-256 of their files and of the archives that they come in. Handles that
the lockfile lacks are added to it. Without handles, everything that is in it is installed.

A module that is not what the lockfile says is an error, and is not used. In the cache, it is
replaced by the one that was locked, if that is to be had.

  --frozen          never write the lockfile: fail if a handle is not in it
  --offline         use the cache alone
  --update          lock what the hosts give now, instead of what the lockfile says
  --lockfile FILE   default: tenon.lock in the current directory
  --json            print JSON
  -h, --help        print this

Commit the lockfile. In its directory, tenon run, inspect, types and pull, and hub.load of programs
that are started there, take nothing else under the handles that are in it.
`;
