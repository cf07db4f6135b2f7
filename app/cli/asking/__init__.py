"""What `asterism analyse` and `asterism export` are made of.

wanted     from options to a request
place      what every place can do: `here`, the services on this data folder, or `there`, another Asterism by REST
elsewhere  the options that name another Asterism
show       what a person sees meanwhile and afterwards
"""
