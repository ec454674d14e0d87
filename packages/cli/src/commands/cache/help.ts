export const CACHE_HELP = `Usage: tenon cache COMMAND [options]

Looks after the modules that were downloaded, in the directory that TFHUB_CACHE_DIR names, else in
tfhub_modules in the system's temporary directory; Python's tensorflow_hub shares it.

  tenon cache ls                   list modules: size, last use, state, handle
  tenon cache verify [HANDLE…]     compare modules with what was downloaded, by their files' sizes
    --hashes                       and by their contents, which reads every byte
  tenon cache prune                remove what interrupted downloads left behind, and
    --unused-for TIME              modules that were not used for 12h, 30d, 8w, …
    --max-size SIZE                those unused longest until the rest has 500MB, 10GiB, …
    --dry-run                      say what would be removed, and remove nothing
    --lockfile FILE                keep what it names; default: tenon.lock, if there is one
  tenon cache pin HANDLE…          keep modules from being pruned or removed
  tenon cache unpin HANDLE…
  tenon cache rm HANDLE…           remove modules
  tenon cache path [HANDLE]        print where the cache is, or a module in it
  tenon cache doctor               explain what is the matter with the cache
    --hashes                       look at the contents of modules, too
    --mend                         do what can be done about it: damaged modules are removed, and
                                   downloaded again when they are asked for

HANDLE is written exactly as it was for the download; the name of the module's directory in the
cache will do, too. prune keeps modules that are pinned, that a process is working on, and that the
lockfile of the current directory names.

  --json       print JSON
  -h, --help   print this

verify and doctor end with 1 if something is wrong.
`;
