# Completion of the flags in fish: the program itself says what fits.
complete -c ogg_exporter -f -a '(ogg_exporter --completion-bash (commandline -cop)[2..] (commandline -ct))'
